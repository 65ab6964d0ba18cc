import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "./prerequisites.mjs";
import { run } from "./run.mjs";
import { simdDigests, simdFolder } from "./simd.mjs";

/** WebAssembly, which is committed: its compiler is large. */
const SIMD = "retrieval/engine/simd/simd.wasm";

/** The library compiled to lib/dist, from where notebooks and commands import it. */
export const distPart = {
  title: "compiled library (lib/dist)",
  takes: "a few seconds",
  stamp: "lib/dist/.dist.stamp",
  inputs: (root) => [
    simdDigests(root),
    ...["tsconfig.json", "package-lock.json", ...sources(root)].map((name) => [name, textOf(root, name)]),
  ],
  present: (root) => {
    const files = [...sources(root).map(compiledName), `lib/dist/${SIMD}`];
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
  copyWebAssembly(root, join(fresh, SIMD));
  replaceFolder(fresh, join(root, "lib", "dist"));
}

/** Copies the WebAssembly if it is what `npm run simd` made of the present sources. */
function copyWebAssembly(root, target) {
  const recorded = JSON.parse(textOf(root, `${simdFolder}/simd.json`));
  const present = simdDigests(root);
  const changed = Object.keys({ ...recorded, ...present }).filter((name) => recorded[name] !== present[name]);
  if (changed.length > 0)
    throw new SetupError(`${simdFolder}: ${changed.join(", ")} changed since simd.wasm was compiled: npm run simd`);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, "lib", SIMD), target);
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
