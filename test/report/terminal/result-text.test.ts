import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../../lib/core/paths";
import { parseAnyResult } from "../../../lib/experiments/language/kinds/any-result-file";
import { resultText } from "../../../lib/report/terminal/result-text";
import { textTable } from "../../../lib/report/terminal/text-table";
import { madeUpResult } from "../made-up-result";
import { madeUpUpdates } from "../made-up-updates";

const folder = join(projectRoot(), "results", "quick");
const committed = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("a result in a terminal", () => {
  it.each(committed)("fits in 80 columns, with every row and no Markdown: %s", (name) => {
    const result = parseAnyResult(readFileSync(join(folder, name), "utf8"), name);
    const lines = resultText(result, 80).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.join("\n")).not.toMatch(/^\||\\</m);
    for (const { label } of result.rows) expect(lines.join(" ").replace(/ +/g, " ")).toContain(label.split(" ")[0]);
  });

  it("has the columns that matter above the published numbers, whose sources come last", () => {
    const lines = resultText(madeUpResult, 80).split("\n");
    const place = (start: string): number => lines.findIndex((line) => line.startsWith(start));
    expect(lines.find((line) => /^row +top-1 +mAP +closed$/.test(line))).toBeDefined();
    expect(place("row")).toBeLessThan(place("published"));
    expect(place("published")).toBeLessThan(place("[1] "));
    expect(lines.at(-1)).toMatch(/^\[2\] /);
  });

  it("shows measures and updates", () => {
    const text = resultText(madeUpUpdates, 140);
    for (const { title } of madeUpUpdates.measures ?? []) expect(text).toContain(title.split(" ")[0]);
    expect(text).toMatch(/^half of the classes -> all\n {2}old \/ old +20\.0/m);
  });
});

describe("a table of text", () => {
  it("breaks the first column's cells and the names between words, never numbers", () => {
    const columns = [
      { name: "row", cells: ["a long label of a row", "b"] },
      { name: "items per second", cells: ["1,000,000", "2"] },
    ];
    expect(textTable(columns, 20).split("\n")).toEqual([
      "                      items per",
      "row                      second",
      "--------------------  ---------",
      "a long label of a     1,000,000",
      "  row",
      "b                             2",
    ]);
  });

  it("is nothing without columns", () => {
    expect(textTable([], 80)).toBe("");
  });
});
