import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./run.mjs";

/** The AssemblyScript sources, and the WebAssembly they compile to. */
const SIMD = { folder: "lib/retrieval/engine/simd", compiled: "retrieval/engine/simd/simd.wasm" };
const SIMD_FLAGS = "-O3 --runtime stub --enable simd --enable threads --importMemory --sharedMemory --noExportMemory"
  .split(" ")
  .concat("--initialMemory", "1", "--maximumMemory", "65536");

/** The library compiled to lib/dist, from where notebooks and commands import it. */
export const distPart = {
  title: "compiled library (lib/dist)",
  stamp: "lib/dist/.dist.stamp",
  inputs: (root) => [
    SIMD_FLAGS,
    ...["tsconfig.json", "package-lock.json", ...simdSources(root), ...sources(root)].map((name) => [
      name,
      textOf(root, name),
    ]),
  ],
  present: (root) => {
    const files = [...sources(root).map(compiledName), `lib/dist/${SIMD.compiled}`];
    return files.every((name) => statSync(join(root, name), { throwIfNoEntry: false })?.size > 0);
  },
  build: compileLibrary,
};

async function compileLibrary({ root, lock }) {
  const fresh = join(root, "dist.partial");
  rmSync(fresh, { recursive: true, force: true });
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json", "--outDir", fresh], {
    cwd: root,
    lock,
    remedy: "correct the types named above; `npm run typecheck` shows them again",
  });
  await run(
    process.execPath,
    [
      "node_modules/assemblyscript/bin/asc.js",
      ...simdSources(root),
      ...SIMD_FLAGS,
      "--outFile",
      join(fresh, SIMD.compiled),
    ],
    { cwd: root, lock, remedy: `correct the file of ${SIMD.folder} named above` },
  );
  replaceFolder(fresh, join(root, "lib", "dist"));
}

/**
 * Moves changed files into place one by one, so that a running kernel never misses a file, then
 * removes files without a source.
 */
function replaceFolder(fresh, target) {
  const names = filesUnder(fresh);
  for (const name of names) moveIfChanged(join(fresh, name), join(target, name));
  const kept = new Set(names);
  for (const name of filesUnder(target)) if (!kept.has(name)) rmSync(join(target, name));
  rmSync(fresh, { recursive: true, force: true });
}

function moveIfChanged(from, to) {
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}

function sources(root) {
  const skipped = /^(dist|tf\/tfjs-node|retrieval\/engine\/simd)\//;
  const names = filesUnder(join(root, "lib"), skipped).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".d.ts"),
  );
  return names.map((name) => `lib/${name}`);
}

function simdSources(root) {
  const names = filesUnder(join(root, SIMD.folder)).filter((name) => name.endsWith(".ts"));
  return names.map((name) => `${SIMD.folder}/${name}`);
}

function compiledName(source) {
  return source.replace(/^lib\//, "lib/dist/").replace(/\.ts$/, ".js");
}

/** The sorted paths of all files beneath a folder, relative to it; empty if there is no folder. */
function filesUnder(folder, skipped = /^$/, prefix = "") {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = prefix + entry.name;
    if (!entry.isDirectory()) return [name];
    return skipped.test(`${name}/`) ? [] : filesUnder(join(folder, entry.name), skipped, `${name}/`);
  });
  return names.sort();
}

function textOf(root, name) {
  return readFileSync(join(root, name), "utf8");
}
