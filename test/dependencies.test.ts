import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../lib/core/paths";
import known from "./dependencies.json";

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

const root = projectRoot();
const locked: Readonly<Record<string, Locked>> = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
).packages;

/** Name, as in test/dependencies.json, and lock of each package that is installed for users. */
const installed = Object.entries(locked)
  .filter(([path, { dev = false, link = false }]) => path !== "" && !dev && !link)
  .map(([path, entry]) => [path.replace(/^node_modules\//, ""), entry] as const);

/** TypeScript, JavaScript and the code of notebooks below a folder, by their path below the repository. */
function sourcesIn(folder: string): readonly (readonly [string, string])[] {
  const names = readdirSync(join(root, folder), { recursive: true }) as string[];
  return names
    .filter((name) => /\.(ts|mts|cjs|mjs|js|ipynb)$/.test(name) && !/^dist\/|node_modules/.test(name))
    .map((name) => [join(folder, name), codeOf(join(root, folder, name))] as const);
}

/** A notebook's outputs hold figures, in whose text any word can occur. */
function codeOf(path: string): string {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".ipynb")) return text;
  const { cells }: { readonly cells: readonly { readonly source: readonly string[] }[] } = JSON.parse(text);
  return cells.flatMap(({ source }) => source).join("\n");
}

const sources = ["lib", "notebooks", "test"]
  .flatMap(sourcesIn)
  .filter(([path]) => path !== "test/dependencies.test.ts");

it("the committed list names every production package of package-lock.json with its version and licence", () => {
  const packages: Readonly<Record<string, string>> = known.packages;
  expect(Object.keys(packages).toSorted()).toEqual(installed.map(([name]) => name).toSorted());
  for (const [name, { version = "", license = "" }] of installed) {
    expect(packages[name], name).toMatch(/^\S+ \S/);
    if (license !== "") expect(packages[name], name).toBe(`${version} ${license}`);
    else expect(packages[name]?.split(" ")[0], name).toBe(version);
  }
});

it("every noted advisory is of a version that is still installed, and says why it does not reach us", () => {
  const versions = new Map(installed.map(([name, { version }]) => [name, version]));
  for (const { package: name, version, ids, about, standing } of known.advisories) {
    expect(versions.get(name), `${name}: its advisories may be struck out`).toBe(version);
    expect(ids.every((id) => /^(CVE-\d{4}-\d+|GHSA(-\w{4}){3})$/.test(id)) && ids.length > 0, name).toBe(true);
    expect(Math.min(about.length, standing.length), name).toBeGreaterThan(20);
  }
});

it("no path of ours reads or writes a spreadsheet: of danfojs only DataFrame is used", () => {
  expect(sources.length).toBeGreaterThan(300);
  const named = (pattern: RegExp): readonly string[] =>
    sources.filter(([, text]) => pattern.test(text)).map(([path]) => path);
  expect(named(/xlsx|\b(read|to)_?Excel\b/i)).toEqual([]);
  // The test of TensorFlow's silence only loads the package, to hear whether it is quiet.
  const loading = ["lib/report/text/frame.ts", "test/tf/quiet.test.ts"];
  expect(named(/["'\\](danfojs(-node)?)\b/)).toEqual(loading);
  const frame = readFileSync(join(root, "lib/report/text/frame.ts"), "utf8");
  expect(frame.match(/^.*\bdanfo\(\).*$/gm)).toEqual([
    "  const { DataFrame } = danfo();",
    expect.stringContaining("function danfo()"),
  ]);
  expect(frame).not.toMatch(/\b(read|stream|to)(CSV|JSON|Excel)\b/i);
});
