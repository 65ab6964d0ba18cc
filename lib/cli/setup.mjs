// The set-up, which every command of package.json runs first. It is plain Node, because
// node_modules may not exist yet.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bindingPart } from "./setup/binding.mjs";
import { distPart } from "./setup/dist.mjs";
import { kernelspecPart } from "./setup/kernelspec.mjs";
import { underLock } from "./setup/lock.mjs";
import { packagesPart } from "./setup/packages.mjs";
import { checkNode, checkPlatform, findCompiler, findPython, SetupError } from "./setup/prerequisites.mjs";
import { pythonPart } from "./setup/python.mjs";
import { isFresh, removeStamp, writeStamp } from "./setup/stamp.mjs";

/** All parts, each after those it builds on. */
export const parts = [packagesPart, pythonPart, bindingPart, kernelspecPart, distPart];

/** Brings all parts up to date, silently if they are. Throws SetupError, which says what to do. */
export async function setUp(root) {
  checkNode();
  checkPlatform();
  if (parts.every((part) => isFresh(part, root))) return;
  const tools = { python: findPython(), compiler: findCompiler() };
  await underLock(join(root, ".setup.lock"), tools.python, async (lock) => {
    for (const part of parts) await bringUpToDate(part, { root, lock, ...tools });
  });
}

/** Builds a part unless its stamp matches; the stamp is written only after the work succeeds. */
async function bringUpToDate(part, context) {
  if (isFresh(part, context.root)) return;
  const started = Date.now();
  console.error(`set-up: ${part.title}, ${part.takes} ...`);
  removeStamp(part, context.root);
  await part.build(context);
  writeStamp(part, context.root);
  console.error(`set-up: ${part.title} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** What to do if the operating system refuses something, by the code of its error. */
const REMEDIES = {
  ENOSPC: ": free some space on the disk, run it again",
  EDQUOT: ": free some of your share of the disk, run it again",
  EMFILE: ": ulimit -n 1024, then run it again",
  EACCES: ": let the owner of the clone run npm run setup, or clone it to a folder of your own",
  EPERM: ": let the owner of the clone run npm run setup, or clone it to a folder of your own",
  EROFS: ": clone it to a folder that can be written",
};

async function main() {
  try {
    await setUp(join(import.meta.dirname ?? fileURLToPath(new URL(".", import.meta.url)), "..", ".."));
  } catch (error) {
    if (!(error instanceof SetupError || "syscall" in error)) throw error;
    console.error(`\nset-up stopped: ${error.message}${REMEDIES[error.code] ?? ""}`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
