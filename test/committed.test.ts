import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { fingerprintOf } from "../lib/experiments/fingerprint";
import { parseResult, resultJson } from "../lib/experiments/result-file";
import { resultMarkdown } from "../lib/report/markdown";
import { tableNamed, tables } from "../lib/tables/tables";

const root = projectRoot();
const notCommitted = ["cache", "run"];

/** Paths of results/<scale>/<table>.json, below results/. */
function resultFiles(): readonly string[] {
  const folder = join(root, "results");
  if (!existsSync(folder)) return [];
  const scales = readdirSync(folder).filter((name) => !notCommitted.includes(name));
  return scales.flatMap((scale) =>
    readdirSync(join(folder, scale))
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(scale, name)),
  );
}

describe("committed results", () => {
  test("are there for nothing but declared tables (none at all only while results/ is empty)", () => {
    const ids = tables.map(({ id }) => id);
    expect(resultFiles().filter((path) => !ids.includes(basename(path, ".json")))).toEqual([]);
    const others = existsSync(join(root, "results")) ? readdirSync(join(root, "results")) : [];
    const scales = others.filter((name) => !notCommitted.includes(name));
    expect(resultFiles().length > 0 || scales.length === 0).toBe(true);
  });

  test.each(resultFiles())(
    "%s is of its table's declaration, as the code writes it, and so is its Markdown",
    (file) => {
      const path = join(root, "results", file);
      const content = readFileSync(path, "utf8");
      const result = parseResult(content, path);
      const table = tableNamed(basename(file, ".json"));
      const scale = dirname(file);
      expect([result.table, result.scale]).toEqual([table.id, scale]);
      expect(result.fingerprint, "stale: run the table again").toBe(fingerprintOf(table, scale, result.seeds));
      expect(resultJson(result)).toBe(content);
      expect(readFileSync(path.replace(/json$/, "md"), "utf8")).toBe(resultMarkdown(result));
    },
  );
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
