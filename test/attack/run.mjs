// Bundles one of the attacks against the library's sources and runs it: `node test/attack/run.mjs fuzz ...`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const usages = {
  fuzz: `npm run fuzz -- [PARSER ...] [--count N] [--seed S] [--save FILE]
Mutated files for every parser or those named, N (1,000) each; --save adds what came out to FILE.`,
  torture: `npm run torture -- [--minutes N] [--seed S] [--command NAME] [--save FILE]
Kills, flipped bytes, removed files and several processes at once, for N (10) minutes; --save adds the run to FILE.`,
};
const [name, ...words] = process.argv.slice(2);
if (usages[name] === undefined || words.includes("--help")) {
  console.log(usages[name] ?? Object.values(usages).join("\n\n"));
  process.exit(usages[name] === undefined ? 2 : 0);
}
const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "fct-attack-"));
const outfile = join(folder, `${name}.cjs`);

/** CIFAR as it is, but that its files hold three images instead of ten or fifty thousand. */
const smallCifar = {
  name: "small-cifar",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/lib\/data\/readers\/cifar\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace(/\b[15]0_000\b/g, "3");
      if (contents === text) throw new Error(`${path} no longer says how many images a file holds`);
      return { contents, loader: "ts" };
    });
  },
};

await build({
  entryPoints: [join(import.meta.dirname, `${name}.ts`)],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  logLevel: "warning",
  plugins: [smallCifar],
  // The library looks for its repository above its own files.
  define: { __dirname: JSON.stringify(import.meta.dirname) },
});
// Packages that are loaded by import() are looked for beside the bundle.
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
const child = spawn(process.execPath, [outfile, ...words], {
  stdio: "inherit",
  env: { ...process.env, NODE_PATH: join(root, "node_modules") },
});
// From a terminal the child hears of Ctrl-C by itself.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill());
child.on("close", (status, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = status ?? (signal === null ? 1 : 130);
});
