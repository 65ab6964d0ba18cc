import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apiTable } from "../../../lib/cli/documents/api-table";
import { projectRoot } from "../../../lib/core/paths";
import { temporaryFolder } from "../../temporary-folder";

/** A library whose index exports from one file. */
function library(index: string, file: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file.ts"), file);
  writeFileSync(join(folder, "index.ts"), index);
  return join(folder, "index.ts");
}

const documented = `
/** First sentence of arXiv 1.2, over
 * two lines. A second one. */
export function first(a: number, { b, c = 1, ...rest }: Options, d?: string, e = 2): void {}
/** Options of \`first\`; one | other. */
export interface Options { readonly b: number }
/** A constant without a stop */
export const limit: number = 3;
`;

describe("the table of exports", () => {
  test("has a section for each heading, and how each export is called and what it is", () => {
    const index =
      '// Note.\n\n// # Functions\n\nexport { first } from "./file";\n\n// # The rest\n\nexport { limit, type Options } from "./file";\n';
    expect(apiTable(library(index, documented)).split("\n")).toEqual([
      "### Functions",
      "",
      "| export | what it is |",
      "|---|---|",
      "| `first(a, { b, c?, ...rest }, d?, e?)` | First sentence of arXiv 1.2, over two lines. |",
      "",
      "### The rest",
      "",
      "| export | what it is |",
      "|---|---|",
      "| `limit` | A constant without a stop |",
      "| `type Options` | Options of `first`; one \\| other. |",
    ]);
  });

  test("lists every name that the index exports, each once", () => {
    const index = readFileSync(join(projectRoot(), "lib", "index.ts"), "utf8").replace(/^\/\/.*$/gm, "");
    const names = [...index.matchAll(/\{([^}]*)\}/g)].flatMap(([, words = ""]) => words.split(","));
    const exported = names.map((name) => name.trim().replace(/^type /, "")).filter((name) => name !== "");
    const listed = [...apiTable().matchAll(/^\| `(?:type )?(\w+)/gm)].map(([, name]) => name ?? "");
    expect(exported.length).toBeGreaterThan(80);
    expect(listed.toSorted()).toEqual(exported.toSorted());
  });

  test("refuses an export without a doc comment, and one that is not there", () => {
    const index = '// # All\n\nexport { bare } from "./file";\n';
    expect(() => apiTable(library(index, "export const bare: number = 1;\n"))).toThrow(
      /file\.ts: .*bare has no doc comment/,
    );
    expect(() => apiTable(library(index, documented))).toThrow(/file\.ts: no export is called bare/);
  });
});
