import { expect, test } from "vitest";
import type { LanguageResult } from "../../lib/experiments/language/language-result";
import { parseLanguageResult } from "../../lib/experiments/language/language-result-file";
import { flipsFigure } from "../../lib/report/figures/flips";
import { resultMarkdown, resultSection } from "../../lib/report/markdown";
import { compared } from "../../lib/report/terminal/comparison";
import { comparisonText } from "../../lib/report/terminal/comparison-text";
import { resultText } from "../../lib/report/terminal/result-text";
import { frameLines, resultFrame } from "../../lib/report/text/frame";
import { madeUpLanguage } from "./made-up-language";

test("a result of language models shows its measures with intervals, what was counted, and published numbers", () => {
  const markdown = resultMarkdown(madeUpLanguage);
  const lines = markdown.split("\n");
  expect(lines[0]).toBe("# Made up");
  expect(lines[2]).toBe(
    "Table `made-up`, scale `quick`: nothing; seeds 0, 1 (mean, 95 % intervals over seeds and samples; ±: one standard deviation over seeds).",
  );
  expect(lines[4]).toBe("| update | row | score (%) | NFR (%) | NFR_mc (%) |");
  expect(lines[6]).toBe("| polarity, more data | v1 | 80.0\u00a0±\u00a01.0 | 0.0 | 0.0 |");
  expect(lines[8]).toBe("|  | MUSCLE | 85.0 [84.0, 86.0] | 12.0 [10.0, 14.5] | 12.5 |");
  expect(lines[9]).toBe("| restoration, more data | v1 | 40.0 | 0.0 | — |");
  expect(markdown).toContain("- A note.\n- Over all rows, 4 questions had several likeliest choices");
  expect(markdown).toContain("and 8 prompts lost their beginning.");
  expect(markdown).toContain("| PIQA | Phi 1 -> 1.5 | 59.03 | 74.65 | 74.70 | 7.78 | −0.05 |");
  expect(resultMarkdown({ ...madeUpLanguage, reported: [] })).not.toContain("Published");
  expect(resultSection(madeUpLanguage)).not.toContain("PIQA");
});

test("its data frame and its text for a terminal have the same numbers", () => {
  const [header = "", , , , row = ""] = frameLines(resultFrame(madeUpLanguage)).split("\n");
  expect(header).toMatch(/^update +row +score \(%\) +NFR \(%\) +NFR_mc \(%\)$/);
  expect(row).toMatch(/MUSCLE +85\.0 ± 2\.0 +12\.0 +12\.5$/);
  const text = resultText(madeUpLanguage, 80);
  expect(text).toContain("polarity, more data\n  v1");
  expect(text).toMatch(/ {2}MUSCLE +85\.0 ± 2\.0 +12\.0 +12\.5/);
});

test("a run of it is compared by score and NFR with a committed one", () => {
  const others: readonly LanguageResult[] = [];
  const equal = compared(madeUpLanguage, madeUpLanguage, others);
  expect(equal).toMatchObject({ equal: true, reproduced: true, equalSeeds: [0, 1] });
  const moved = madeUpLanguage.rows.map((row) => ({
    ...row,
    details: { ...row.details, score: { mean: 60, sd: 1, n: 2, values: [59, 61] } },
  }));
  const other = compared({ ...madeUpLanguage, rows: moved }, madeUpLanguage, others);
  expect(other).toMatchObject({ equal: false, reproduced: false });
  const text = comparisonText(other, { run: [0, 1], committed: [0, 1] }, 200);
  expect(text).toContain("score (%)");
  expect(text).toMatch(/points of score, .* of NFR/);
});

test("the figure has a mark for v2 and MUSCLE of each update with right and wrong answers", () => {
  const { data, layout } = flipsFigure(madeUpLanguage);
  const named = data.flatMap(({ name, x }) => (name?.includes(": ") ? [[name, x[0]]] : []));
  expect(named).toEqual([
    ["polarity, more data: v2", 3],
    ["polarity, more data: MUSCLE", 5],
  ]);
  expect(layout.meta?.alt).toContain("polarity, more data, MUSCLE: 12.0 at 5.0");
});

test("a file of it is refused where rows name others that are not there", () => {
  const text = JSON.stringify({ ...madeUpLanguage, rows: madeUpLanguage.rows.slice(1) });
  expect(() => parseLanguageResult(text, "x.json")).toThrow(/x\.json.*rows\.0\.before.*the id of a row/s);
});
