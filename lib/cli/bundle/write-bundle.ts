import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { writeRecord } from "../../core/artifacts/record";
import { writeAtomically } from "../../core/artifacts/store";
import { InputError } from "../../core/input-error";
import { nearestExisting, projectRoot } from "../../core/paths";
import type { ProgressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import type { BundledFile } from "./bundle-content";
import { type BundleDescription, descriptionFile } from "./description";
import { partsIn, type WrittenParts } from "./parts";

/** The folder of a bundle, and bytes of a part. */
export interface BundlePlace {
  readonly out: string;
  readonly partSize: number;
}

export interface WrittenBundle extends WrittenParts {
  readonly unpackedBytes: number;
}

/** Writes these files as a bundle with this description; leaves nothing on Ctrl-C or a failure. */
export async function writeBundle(
  files: readonly BundledFile[],
  description: BundleDescription,
  { out, partSize }: BundlePlace,
  line: ProgressLine,
): Promise<WrittenBundle> {
  const unpackedBytes = files.reduce((sum, { source }) => sum + statSync(source).size, 0);
  requireRoom(out, unpackedBytes);
  const staging = mkdtempSync(join(tmpdir(), "fct-bundle-"));
  try {
    for (const { path, source } of files) linked(join(staging, path), source);
    writeRecord(join(staging, "project", descriptionFile), { ...description });
    const onBytes = (bytes: number): void =>
      line.show(`packed ${Math.round(bytes / 2 ** 20)} MiB of at most ${Math.round(unpackedBytes / 2 ** 20)}`);
    const written = await untilInterrupted((signal) => archived(staging, { out, partSize }, { onBytes, signal }));
    writeAtomically(join(out, "unpack.sh"), unpackScript(description, unpackedBytes));
    chmodSync(join(out, "unpack.sh"), 0o755);
    return { ...written, unpackedBytes };
  } catch (error) {
    // The same command shall find the folder empty again.
    for (const name of readdirSync(out)) rmSync(join(out, name));
    throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Packed, it is at least half as large. */
function requireRoom(out: string, unpacked: number): void {
  const { bavail, bsize } = statfsSync(nearestExisting(out));
  const needed = Math.ceil(unpacked / 2);
  if (needed <= bavail * bsize) return;
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;
  const fault = `needs about ${mebibytes(needed)}, ${mebibytes(bavail * bsize)} are free`;
  throw new InputError({ file: out, fault, remedy: "name a folder on another disk" });
}

function linked(path: string, source: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(source, path);
}

/** Follows the links of `staging`; owner, times and order are always the same. */
async function archived(
  staging: string,
  { out, partSize }: BundlePlace,
  { onBytes, signal }: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<WrittenParts> {
  const same = [
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "--sort=name",
    "--format=gnu",
    "--mode=u+rw,go+r",
  ];
  const tar = spawn("tar", ["--create", "--dereference", "--hard-dereference", ...same, "-C", staging, "."], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  let said = "";
  tar.stderr.on("data", (text) => (said += text));
  const ended = new Promise<void>((resolve, reject) => {
    tar.once("error", (cause) => reject(new Error(`tar could not be started: ${cause.message}`)));
    tar.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`tar failed: ${said.trim().slice(0, 500)}`)),
    );
  });
  const { stream, written } = partsIn(out, partSize, onBytes);
  try {
    await Promise.all([ended, pipeline(tar.stdout, createGzip({ level: 6 }), stream, { signal })]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return written();
}

/** The script, which knows what it needs of the other machine. */
function unpackScript({ glibc, build }: BundleDescription, unpackedBytes: number): string {
  const script = readFileSync(join(projectRoot(), "lib", "cli", "bundle", "unpack.sh"), "utf8");
  const values: Readonly<Record<string, string>> = { glibc, build, kibibytes: String(Math.ceil(unpackedBytes / 1024)) };
  return script.replace(/@(\w+)@/g, (whole, name: string) => values[name] ?? whole);
}
