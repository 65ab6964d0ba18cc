import { execFileSync, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { InputError } from "../../core/input-error";
import { cacheFolder, projectRoot } from "../../core/paths";
import type { BundledFile } from "./bundle-content";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;
/** What a machine with CUDA 13 lacks: its own is of another version. It has no needs of its own. */
const runtime = "nvidia-cuda-runtime-cu12";

/** TensorFlow's libraries for a bundle, and their version. */
export interface TensorflowBuild {
  readonly version: string;
  readonly build: "cpu" | "cuda";
  readonly files: readonly BundledFile[];
}

/** Those of the Python environment. Throws InputError if they are not there. */
export function installedTensorflow(): TensorflowBuild {
  const root = join(projectRoot(), ".venv", "lib");
  const folders = existsSync(root) ? readdirSync(root).map((name) => join(root, name, "site-packages")) : [];
  const packages = folders.find((folder) => existsSync(join(folder, "tensorflow", libraries[0])));
  if (packages === undefined) {
    throw new InputError({ file: root, fault: "does not hold TensorFlow's libraries", remedy: "npm run setup" });
  }
  const version = requiredVersion("tensorflow");
  const isCuda = existsSync(join(packages, `tensorflow-${version}.dist-info`));
  return { version, build: isCuda ? "cuda" : "cpu", files: within(join(packages, "tensorflow")) };
}

/**
 * Those of the CUDA build, with CUDA's run-time library: taken from the package index once and kept
 * in the cache. Throws InputError if that fails.
 */
export async function cudaTensorflow(say: (words: string) => void): Promise<TensorflowBuild> {
  const version = requiredVersion("tensorflow");
  const folder = join(cacheFolder(), `tensorflow-${version}-cuda`);
  if (!existsSync(folder))
    await fetched(folder, [`tensorflow==${version}`, `${runtime}==${requiredVersion(runtime)}`], say);
  return { version, build: "cuda", files: within(folder) };
}

function within(folder: string): readonly BundledFile[] {
  return readdirSync(folder)
    .filter((name) => /\.so\.\d+$/.test(name))
    .map((name) => ({ path: join("tensorflow", name), source: join(folder, name) }));
}

async function fetched(folder: string, requirements: readonly string[], say: (words: string) => void): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  say(`downloading ${requirements.join(" and ")} ...`);
  const python = join(projectRoot(), ".venv", "bin", "python");
  const words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", partial];
  const { status, stderr } = spawnSync(python, [...words, ...requirements], { encoding: "utf8" });
  if (status !== 0) {
    const fault = `could not be downloaded (${stderr?.trim().split("\n").at(-1) ?? "no Python"})`;
    throw new InputError({ file: requirements.join(" "), fault, remedy: "is the Python package index reachable?" });
  }
  for (const wheel of readdirSync(partial).filter((name) => name.endsWith(".whl"))) {
    say(`unpacking ${wheel} ...`);
    await librariesOf(join(partial, wheel), partial);
    rmSync(join(partial, wheel));
  }
  // Without `strip` the libraries only stay larger.
  spawnSync("strip", ["--strip-unneeded", ...libraries.map((name) => join(partial, name))]);
  renameSync(partial, folder);
}

/** Wheels are zip archives, larger than a buffer. */
async function librariesOf(wheel: string, folder: string): Promise<void> {
  const zip: ZipFile = await openPromise(wheel);
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    const name = basename(entry.fileName);
    if (!/^(libtensorflow_(cc|framework)\.so\.2|libcudart\.so\.12)$/.test(name)) continue;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(join(folder, name)));
  }
}

/** The version that the CUDA build's requirements name. */
function requiredVersion(name: string): string {
  const text = readFileSync(join(projectRoot(), "requirements-cuda.txt"), "utf8");
  const version = new RegExp(`^${name}==(\\S+)$`, "m").exec(text)?.[1];
  if (version !== undefined) return version;
  throw new InputError({ file: "requirements-cuda.txt", fault: `does not name a version of ${name}` });
}

/** What Node and the binding need besides the C library, for machines that lack it. */
export function compilerLibraries(binding: string): readonly BundledFile[] {
  const listed = execFileSync("/lib64/ld-linux-x86-64.so.2", ["--list", binding], { encoding: "utf8" });
  const found = [...listed.matchAll(/^\s*(libstdc\+\+\.so\.6|libgcc_s\.so\.1) => (\S+)/gm)];
  return found.map(([, name = "", source = ""]) => ({ path: join("runtime", name), source }));
}
