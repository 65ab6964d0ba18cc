import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { commitOf } from "../../core/environment";
import { InputError } from "../../core/input-error";
import { makeWritable, projectRoot } from "../../core/paths";
import type { ProgressLine } from "../../core/progress";
import { bundleContent, type ContentChoices } from "./bundle-content";
import type { BundleDescription } from "./description";
import { neededGlibc } from "./glibc";
import { compilerLibraries, cudaTensorflow, installedTensorflow } from "./tensorflow-build";
import { type BundlePlace, type WrittenBundle, writeBundle } from "./write-bundle";

/** What to pack, and where to. */
export interface BundleChoices extends ContentChoices, BundlePlace {
  readonly cuda: boolean;
}

/** A bundle that was made. */
export interface MadeBundle extends WrittenBundle {
  readonly description: BundleDescription;
}

const binding = "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node";

/**
 * Writes a bundle into an empty or a new folder: parts of one archive, their checksums, and the
 * script that unpacks it. Equal content gives equal bytes. Throws InputError if the folder is not
 * empty or its disk too full, or if something to pack is missing.
 */
export async function makeBundle(choices: BundleChoices, line: ProgressLine): Promise<MadeBundle> {
  const { out, cuda, data } = choices;
  requireEmpty(out);
  const root = projectRoot();
  const tensorflow = cuda ? await cudaTensorflow(line.keep) : installedTensorflow();
  const runtime = compilerLibraries(join(root, binding));
  const needed = [...bundleContent(choices), ...tensorflow.files];
  const files = [...needed, ...runtime];
  line.show("looking at what is packed ...");
  const description = {
    ...ownVersions(root),
    tensorflow: tensorflow.version,
    build: tensorflow.build,
    glibc: await neededGlibc(needed),
    data,
  };
  return { ...(await writeBundle(files, description, choices, line)), description };
}

/** Throws InputError unless a bundle can be written there, unmixed with another's parts. */
function requireEmpty(out: string): void {
  if (existsSync(out) && !statSync(out).isDirectory()) throw new InputError({ file: out, fault: "is not a folder" });
  const [first] = existsSync(out) ? readdirSync(out) : [];
  if (first !== undefined) {
    throw new InputError({ file: out, fault: `is not empty (${first})`, remedy: "name an empty or a new folder" });
  }
  makeWritable(out);
}

function ownVersions(root: string): Pick<BundleDescription, "version" | "commit" | "node"> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return { version, commit: commitOf(), node: process.version };
}
