import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { notebookWithNumbers } from "../lib/cli/documents/notebook-numbers";
import { committedFolder, projectRoot } from "../lib/core/paths";

const folder = join(projectRoot(), "notebooks");
const notebooks = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
}

function proseOf(notebook: string): string {
  const { cells } = JSON.parse(readFileSync(join(folder, notebook), "utf8")) as { readonly cells: readonly Cell[] };
  return cells.flatMap(({ cell_type, source }) => (cell_type === "markdown" ? [source.join("")] : [])).join("\n\n");
}

/** What is no result of this repository: settings, chance, and what publications print. */
const known: readonly RegExp[] = [
  /section \d\.\d/g,
  /arXiv \d{4}\.\d{5}/g,
  /\b25 %, 50 % and 100 % of the classes/g,
  /guessing gives 2\.8 %/g,
  /pure knowledge of colours would give 16\.7 %/g,
  /\b22 points\b/g,
  /openBCT's on ImageNet-1k gained 2\.7 points/g,
  /lead over BCT \(5\.4 and 8\.3 points\)/g,
  /The published gains \(3\.7 and 3\.1 points on ImageNet-1k\)/g,
];

/** Prose without numbers that are renewed, code, formulas and what is known. */
function typedByHand(prose: string): string {
  const bare = prose
    .replace(/<!--= .+? -->.*?<!--=-->/g, "")
    .replace(/`[^`]*`/g, "")
    .replace(/\$\$?[^$]*\$\$?/g, "");
  return known.reduce((text, pattern) => text.replace(pattern, ""), bare);
}

describe.each(notebooks)("the text of %s", (notebook) => {
  it("has the numbers of the committed results", () => {
    const text = readFileSync(join(folder, notebook), "utf8");
    const message = "stale: npm run fct -- readme";
    expect(notebookWithNumbers(notebook, text, committedFolder()) === text, message).toBe(true);
  });

  it("has no other decimals, percentages or points that could be results", () => {
    const found = typedByHand(proseOf(notebook)).match(/.{0,30}(\d\.\d|\d %|\d points|\.\d+ points).{0,20}/g) ?? [];
    expect(found).toEqual([]);
  });

  it("begins no line with a comment, which would make HTML of it", () => {
    expect(proseOf(notebook).match(/^\s*(- )?<!--.*$/gm) ?? []).toEqual([]);
  });
});

it("a number typed by hand would be found, whatever stands beside it", () => {
  expect(typedByHand("FCT reaches 73.9 %, <!--= a top1 -->1.0<!--=--> and `0.5`, $0.3$")).toBe(
    "FCT reaches 73.9 %,  and , ",
  );
});
