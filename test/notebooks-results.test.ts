import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { parseAnyResult } from "../lib/experiments/language/kinds/any-result-file";
import { frameHtml, frameLines, resultFrame } from "../lib/report/text/frame";
import { tables } from "../lib/tables/tables";

type Text = string | readonly string[];

interface Cell {
  readonly source: Text;
  readonly outputs?: readonly { readonly data?: Readonly<Record<string, Text>> }[];
}

/** A table as a cell shows it, in its two forms. */
interface ShownTable {
  readonly html: string;
  readonly plain: string;
}

const root = projectRoot();
const folder = join(root, "notebooks");
const joined = (text: Text = ""): string => [text].flat().join("");

const notebooks = readdirSync(folder)
  .filter((name) => name.endsWith(".ipynb"))
  .map((name) => ({ name, cells: cellsOf(name) }))
  .filter(({ cells }) => cells.some(({ source }) => /\brun(Language)?Table\(/.test(joined(source))));

function cellsOf(name: string): readonly Cell[] {
  return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { readonly cells: readonly Cell[] }).cells;
}

function tablesShown(cells: readonly Cell[]): readonly ShownTable[] {
  const shown = cells.flatMap(({ outputs = [] }) => outputs.map(({ data = {} }) => data));
  return shown
    .map((data) => ({ html: joined(data["text/html"]), plain: joined(data["text/plain"]) }))
    .filter(({ html }) => html.includes("<table>"));
}

/** What a notebook shows of the result of its table, the first one declared, at the quick scale; null without one. */
function expectedTable(notebook: string): ShownTable | null {
  const own = tables.find((table) => table.notebook === notebook);
  const path = `results/quick/${own?.id}.json`;
  if (!existsSync(join(root, path))) return null;
  const frame = resultFrame(parseAnyResult(readFileSync(join(root, path), "utf8"), path));
  return { html: frameHtml(frame), plain: frameLines(frame) };
}

test("11-explore shows the classes of the scale that its text names", () => {
  const cells = cellsOf("11-explore.ipynb");
  const [, scale = ""] = /The outputs are of the (\w+) scale/.exec(joined(cells[0]?.source)) ?? [];
  const shown = cells.flatMap(({ outputs = [] }) => outputs.map(({ data = {} }) => joined(data["text/plain"])));
  const [, classes] = /16 of (\d+) classes/.exec(shown.join("\n")) ?? [];
  expect(classes).toBe({ quick: "242", laptop: "100" }[scale]);
});

test("there are notebooks that run a table", () => {
  expect(notebooks.length).toBeGreaterThan(10);
});

describe.each(notebooks)("the table in $name", ({ name, cells }) => {
  test("agrees with the committed result", () => {
    const notebook = basename(name, ".ipynb");
    const expected = expectedTable(notebook);
    const stale = `stale: npm run fct -- notebook ${notebook} --in-place`;
    expect(tablesShown(cells), stale).toEqual(expected === null ? [] : [expected]);
  });
});
