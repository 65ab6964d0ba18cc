import { describe, expect, it } from "vitest";
import { documentWithResults } from "../../lib/report/documents";
import { resultSection } from "../../lib/report/markdown";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const sources = { resultOf: () => madeUpResult, tablesAt: () => [], bench: () => "the benchmark" };
const marker = "<!-- result quick/made-up -->";

describe("documentWithResults", () => {
  it("puts the table between the markers and leaves the rest", () => {
    const before = `# Title\n\n${marker}\nan old table\n<!-- end -->\n\nThe end.\n`;
    const after = documentWithResults(before, sources);
    expect(after).toBe(`# Title\n\n${marker}\n${resultSection(madeUpResult)}\n<!-- end -->\n\nThe end.\n`);
    expect(documentWithResults(after, sources)).toBe(after);
  });

  it("asks for each section's own result", () => {
    const names: string[] = [];
    const resultOf = (name: string): typeof madeUpResult => {
      names.push(name);
      return madeUpResult;
    };
    const document = `${marker}\n<!-- end -->\n\n<!-- result laptop/main -->\n<!-- end -->\n`;
    documentWithResults(document, { ...sources, resultOf });
    expect(names).toEqual(["quick/made-up", "laptop/main"]);
  });

  it("puts the benchmark between its markers", () => {
    const before = "before\n<!-- bench -->\nold\n<!-- end -->\nafter\n";
    const after = "before\n<!-- bench -->\nthe benchmark\n<!-- end -->\nafter\n";
    expect(documentWithResults(before, sources)).toBe(after);
    expect(documentWithResults(after, sources)).toBe(after);
    expect(() => documentWithResults("<!-- bench -->\n", sources)).toThrow("<!-- bench --> has no <!-- end -->");
  });

  it("refuses a section without an end", () => {
    expect(() => documentWithResults(`${marker}\n`, sources)).toThrow(
      "<!-- result quick/made-up --> has no <!-- end -->",
    );
    expect(() => documentWithResults("<!-- results quick -->\n", sources)).toThrow("<!-- results quick --> has no");
  });

  it("puts every table of a scale under its title, with the figure that says most", () => {
    const results = new Map([madeUpResult, madeUpUpdates, madeUpMatrix].map((result) => [result.table, result]));
    const all = {
      ...sources,
      resultOf: (name: string) => results.get(name.replace(/^quick\//, "")) ?? madeUpResult,
      tablesAt: (scale: string) => (scale === "quick" ? ["updates", "made-up", "matrix"] : []),
    };
    const after = documentWithResults("before\n<!-- results quick -->\nold\n<!-- end -->\nafter\n", all);
    const section = (result: typeof madeUpResult, figure: string): string =>
      `### ${result.title}\n\n${resultSection(result)}\n\n![${result.title}](results/quick/${result.table}-${figure}.png)`;
    const sections = [section(madeUpUpdates, "curve"), section(madeUpResult, "rows"), section(madeUpMatrix, "matrix")];
    expect(after).toBe(`before\n<!-- results quick -->\n${sections.join("\n\n")}\n<!-- end -->\nafter\n`);
    expect(documentWithResults(after, all)).toBe(after);
  });
});
