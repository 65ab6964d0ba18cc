// Compiles the engine's AssemblyScript to simd.wasm: `npm run simd`. With `--check` nothing is
// written, and the exit status tells whether the committed file is what the sources give.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simdDigests, simdFolder, simdSources } from "../../lib/cli/setup/simd.mjs";
import { writeWhole } from "../../lib/cli/setup/stamp.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..", "..");
const folder = join(root, simdFolder);
const FLAGS = "-O3 --runtime stub --enable simd --enable threads --importMemory --sharedMemory --noExportMemory"
  .split(" ")
  .concat("--initialMemory", "1", "--maximumMemory", "65536");

function run(command, words) {
  const { status, error } = spawnSync(command, words, { cwd: here, stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${words[0]} failed: ${error?.message ?? `status ${status}`}`);
}

/** The compiler takes a hundred megabytes, so only this program installs it. */
function installCompiler() {
  if (!existsSync(join(here, "node_modules", "assemblyscript", "package.json")))
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

function compile() {
  const made = mkdtempSync(join(tmpdir(), "fct-simd-"));
  try {
    const file = join(made, "simd.wasm");
    run(process.execPath, [
      "node_modules/assemblyscript/bin/asc.js",
      ...simdSources(root).map((name) => join(folder, name)),
      ...FLAGS,
      "--outFile",
      file,
    ]);
    return readFileSync(file);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

installCompiler();
const compiled = compile();
const committed = join(folder, "simd.wasm");
const same = existsSync(committed) && readFileSync(committed).equals(compiled);
if (process.argv.includes("--check")) {
  console.log(`simd.wasm is ${same ? "" : "not "}what its sources give`);
  process.exitCode = same ? 0 : 1;
} else {
  writeWhole(committed, compiled);
  writeWhole(join(folder, "simd.json"), `${JSON.stringify(simdDigests(root), null, 2)}\n`);
  console.log(`simd.wasm ${same ? "is as it was" : "has changed"}`);
}
