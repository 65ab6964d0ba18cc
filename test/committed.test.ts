import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { growths } from "../lib/bench/growths";
import { measurements } from "../lib/bench/measurements";
import { benchPath, readBench, writeBench } from "../lib/bench/result";
import { projectRoot } from "../lib/core/paths";
import { anyResultJson, parseAnyResult } from "../lib/experiments/language/kinds/any-result-file";
import { anyFingerprint } from "../lib/experiments/language/kinds/any-table";
import { resultMarkdown } from "../lib/report/markdown";
import { tableNamed, tables } from "../lib/tables/tables";
import { temporaryFolder } from "./temporary-folder";

const root = projectRoot();
const notCommitted = ["cache", "own", "run"];

/** Folders of results/ that hold tables. */
function scaleFolders(): readonly string[] {
  const entries = readdirSync(join(root, "results"), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !notCommitted.includes(entry.name)).map(({ name }) => name);
}

/** Paths of results/<scale>/<table>.json, below results/. */
function resultFiles(): readonly string[] {
  const folder = join(root, "results");
  return scaleFolders().flatMap((scale) =>
    readdirSync(join(folder, scale))
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(scale, name)),
  );
}

describe("committed results", () => {
  test("are there, and for nothing but declared tables", () => {
    const ids = tables.map(({ id }) => id);
    expect(resultFiles().filter((path) => !ids.includes(basename(path, ".json")))).toEqual([]);
    expect(resultFiles().length).toBeGreaterThan(0);
  });

  test.each(resultFiles())(
    "%s is of its table's declaration, as the code writes it, and so is its Markdown",
    (file) => {
      const path = join(root, "results", file);
      const content = readFileSync(path, "utf8");
      const result = parseAnyResult(content, path);
      const table = tableNamed(basename(file, ".json"));
      const scale = dirname(file);
      expect([result.table, result.scale]).toEqual([table.id, scale]);
      expect(result.fingerprint, "stale: run the table again").toBe(anyFingerprint(table, scale, result.seeds));
      expect(anyResultJson(result)).toBe(content);
      expect(readFileSync(path.replace(/json$/, "md"), "utf8")).toBe(resultMarkdown(result));
    },
  );
});

test("the committed benchmark is of declared measurements, as the code writes it", () => {
  const result = readBench();
  if (result === null) throw new Error("results/bench.json is missing: npm run bench");
  const ids = [...measurements, ...growths].map(({ id }) => id);
  expect([...result.comparisons, ...result.growths].map(({ id }) => id)).toEqual(ids);
  const copy = join(temporaryFolder(), "bench.json");
  writeBench(result, copy);
  expect(readFileSync(copy, "utf8")).toBe(readFileSync(benchPath(), "utf8"));
});

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[] }[];
  readonly metadata: { readonly kernelspec?: { readonly name: string } };
}

const notebooks = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));

describe.each(notebooks)("the notebook %s", (name) => {
  const { cells, metadata }: Notebook = JSON.parse(readFileSync(join(root, "notebooks", name), "utf8"));
  const code = cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => [source].flat().join(""));

  test("runs in the kernel fct and has at most ten cells", () => {
    expect(metadata.kernelspec?.name).toBe("fct");
    expect(cells.length).toBeLessThanOrEqual(10);
  });

  test("has code cells of at most ten lines, without class or loop", () => {
    expect(code.length).toBeGreaterThan(0);
    for (const source of code) {
      expect(source.trim().split("\n").length, source).toBeLessThanOrEqual(10);
      expect(source.replace(/"[^"\n]*"/g, '""')).not.toMatch(/\b(class|for|while|do)\b\s*[\w({]/);
    }
  });
});

test("every table has its notebook", () => {
  expect(notebooks.map((name) => basename(name, ".ipynb"))).toEqual(
    expect.arrayContaining(tables.map(({ notebook }) => notebook)),
  );
});
