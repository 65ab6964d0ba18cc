import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claims } from "../lib/claims/claims";
import { projectRoot } from "../lib/core/paths";
import { tableNamed } from "../lib/tables/tables";

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
  /arXiv \d{4}\.\d{5}/g,
  /\b25 %, 50 % and 100 % of the classes/g,
  /guessing gives 2\.8 %/g,
  /pure knowledge of colours would give 16\.7 %/g,
  /\b22 points\b/g,
  /\b0\.5, 2, 10, 50 and 100 % of the training images/g,
  /\bkeeps 95 (to 99 )?% of the\b/g,
  /From 0\.5 % of the pairs a rotation learns more than h/g,
  /openBCT's on ImageNet-1k gained 2\.7 points/g,
  /lead over BCT \(5\.4 and 8\.3 points\)/g,
];

/** Prose without numbers that are renewed, code, formulas and what is known. */
function typedByHand(prose: string): string {
  const bare = prose
    .replace(/<!--= .+? -->.*?<!--=-->/g, "")
    .replace(/`[^`]*`/g, "")
    .replace(/\$\$?[^$]*\$\$?/g, "");
  return known.reduce((text, pattern) => text.replace(pattern, ""), bare);
}

/** Words by which a verdict would be told. */
const typedVerdict =
  /\b(holds|hold true|contradict(s|ed)?|partly|(not )?resolved|confirm(s|ed)?|refute[sd]?|replicate[sd]? (the|it))\b/gi;

describe.each(notebooks)("the text of %s", (notebook) => {
  it("has no other decimals, percentages or points that could be results", () => {
    const found = typedByHand(proseOf(notebook)).match(/.{0,30}(\d\.\d|\d %|\d points|\.\d+ points).{0,20}/g) ?? [];
    expect(found).toEqual([]);
  });

  it("has no verdict that was typed, no section or table of a paper that nobody here has read", () => {
    const prose = typedByHand(proseOf(notebook));
    expect(prose.match(typedVerdict) ?? []).toEqual([]);
    expect(prose.match(/\b(FCT|BCT|FastFill|MUSCLE)[^.\n]{0,20}\b(section|table) \d/gi) ?? []).toEqual([]);
  });

  it("begins no line with a comment, which would make HTML of it", () => {
    expect(proseOf(notebook).match(/^\s*(- )?<!--.*$/gm) ?? []).toEqual([]);
  });
});

it("every claim of a table with a result has its verdict in the table's notebook", () => {
  const missing = claims.flatMap(({ id, table, scales }) => {
    const { notebook } = tableNamed(table);
    return proseOf(`${notebook}.ipynb`).includes(`<!--= verdict ${id} at ${scales[0]} -->`)
      ? []
      : [`${notebook}: ${id}`];
  });
  expect(missing).toEqual([]);
});

describe("README.md", () => {
  const rest = readFileSync(join(projectRoot(), "README.md"), "utf8").replace(
    /^<!-- \w+.*-->\n[\s\S]*?^<!-- end -->$/gm,
    "",
  );
  it("has its claims between markers, and no verdict outside them", () => {
    expect(rest.match(typedVerdict) ?? []).toEqual([]);
  });
});

it("a verdict typed by hand would be found", () => {
  expect("It holds here, partly; the claim is contradicted.".match(typedVerdict)).toEqual([
    "holds",
    "partly",
    "contradicted",
  ]);
  expect(
    "h holds 5 MB <!--= verdict a at quick -->holds<!--=-->".replace(/<!--=.*=-->/, "").match(typedVerdict),
  ).toEqual(["holds"]);
});

it("a number typed by hand would be found, whatever stands beside it", () => {
  expect(typedByHand("FCT reaches 73.9 %, <!--= a top1 -->1.0<!--=--> and `0.5`, $0.3$")).toBe(
    "FCT reaches 73.9 %,  and , ",
  );
});
