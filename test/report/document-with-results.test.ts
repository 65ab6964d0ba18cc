import { describe, expect, it } from "vitest";
import { documentWithResults } from "../../lib/report/document-with-results";
import { resultSection } from "../../lib/report/markdown";
import { madeUpResult } from "./made-up-result";

const marker = "<!-- result quick/made-up -->";

describe("documentWithResults", () => {
  it("puts the table between the markers and leaves the rest", () => {
    const before = `# Title\n\n${marker}\nan old table\n<!-- end -->\n\nThe end.\n`;
    const after = documentWithResults(before, () => madeUpResult);
    expect(after).toBe(`# Title\n\n${marker}\n${resultSection(madeUpResult)}\n<!-- end -->\n\nThe end.\n`);
    expect(documentWithResults(after, () => madeUpResult)).toBe(after);
  });

  it("asks for each section's own result", () => {
    const names: string[] = [];
    documentWithResults(`${marker}\n<!-- end -->\n\n<!-- result laptop/main -->\n<!-- end -->\n`, (name) => {
      names.push(name);
      return madeUpResult;
    });
    expect(names).toEqual(["quick/made-up", "laptop/main"]);
  });

  it("refuses a section without an end", () => {
    expect(() => documentWithResults(`${marker}\n`, () => madeUpResult)).toThrow(
      "<!-- result quick/made-up --> has no <!-- end -->",
    );
  });
});
