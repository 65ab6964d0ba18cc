import { describe, expect, it } from "vitest";
import type { MetricName, ResultRow, Summary, TableResult } from "../../../lib/experiments/results/result";
import { compared } from "../../../lib/report/terminal/comparison";
import { comparisonText, verdictOf } from "../../../lib/report/terminal/comparison-text";
import { madeUpResult } from "../made-up-result";

function summary(values: readonly number[]): Summary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null, n: values.length };
}

/** A result of one row for each list of top-1 values, one value a seed; mAP is half of it. */
function resultOf(table: string, seeds: readonly number[], tops: readonly (readonly number[])[]): TableResult {
  const rows = tops.map((top, index): ResultRow => {
    const values = (factor: number): Summary => summary(top.map((value) => factor * value));
    const metrics: Record<MetricName, Summary> = { top1: values(1), top5: values(1), mAP: values(0.5) };
    const perSeed = top.map((value) => ({ top1: value, top5: value, mAP: value / 2 }));
    const gapClosed = { top1: null, top5: null, mAP: null };
    return { id: `row-${index}`, label: `row ${index}`, metrics, perSeed, gapClosed, reported: [] };
  });
  return { ...madeUpResult, table, seeds, rows };
}

const committed = resultOf(
  "own",
  [0, 1, 2],
  [
    [50, 52, 54],
    [60, 60, 60],
    [70, 73, 76],
  ],
);
// Deviations 2, 0 and 3: pooled sqrt(13 / 3).
const pooled = Math.sqrt(13 / 3);

describe("a run beside the committed result", () => {
  it("is equal if every seed gives the same numbers, whatever the means", () => {
    const run = resultOf("own", [1], [[52], [60], [73]]);
    const comparison = compared(run, committed, []);
    expect(comparison).toMatchObject({ equal: true, equalSeeds: [1], reproduced: true });
    const verdict = verdictOf(comparison, { run: [1], committed: [0, 1, 2] });
    expect(verdict).toBe("Reproduced: all 3 rows equal the committed ones to every digit for seed 1.");
  });

  it("is judged by three standard errors of the difference, with the deviation pooled over the rows", () => {
    const error = pooled * Math.sqrt(1 + 1 / 3);
    const at = (shift: number) => compared(resultOf("own", [0], [[52 + shift], [60], [73]]), committed, []);
    expect(at(0).allowed.top1).toBeCloseTo(3 * error, 9);
    expect(at(0).allowed.mAP).toBeCloseTo(1.5 * error, 9);
    expect(at(2.99 * error)).toMatchObject({ equal: false, equalSeeds: [], reproduced: true });
    expect(at(-3.01 * error)).toMatchObject({ reproduced: false });
    const several = compared(
      resultOf(
        "own",
        [0, 1],
        [
          [50, 52],
          [60, 60],
          [73, 80],
        ],
      ),
      committed,
      [],
    );
    expect(several.allowed.top1).toBeCloseTo(3 * pooled * Math.sqrt(1 / 2 + 1 / 3), 9);
  });

  it("that is not reproduced names its rows, and mAP alone is enough", () => {
    const run = resultOf("own", [0], [[52], [60], [73]]);
    const rows = run.rows.map((row, index) =>
      index === 1 ? { ...row, metrics: { ...row.metrics, mAP: { mean: 70, sd: null, n: 1 } } } : row,
    );
    const comparison = compared({ ...run, rows }, committed, []);
    expect(comparison.reproduced).toBe(false);
    expect(verdictOf(comparison, { run: [0], committed: [0, 1, 2] })).toMatch(
      /^Not reproduced: 1 of 3 rows .* 3 standard errors .*\(7\.2 points of top-1, 3\.6 of mAP\) .*: row 1\.$/,
    );
  });

  it("of a table committed with one seed takes the deviation of tables with several, and says so", () => {
    const single = resultOf("single", [0], [[50], [60]]);
    const run = resultOf("single", [0], [[51], [60]]);
    const comparison = compared(run, single, [committed, single]);
    expect(comparison.allowed.top1).toBeCloseTo(3 * pooled * Math.SQRT2, 9);
    expect(comparison.reproduced).toBe(true);
    const verdict = verdictOf(comparison, { run: [0], committed: [0] });
    expect(verdict).toMatch(/^Reproduced: .* for 1 and 1 seeds, by the deviation over seeds of table own\.$/);
  });

  it("is not judged if no deviation is known, but for equal numbers", () => {
    const single = resultOf("single", [0], [[50], [60]]);
    const comparison = compared(resultOf("single", [0], [[51], [60]]), single, [single]);
    expect(comparison).toMatchObject({ reproduced: null, allowed: { top1: null, mAP: null } });
    expect(verdictOf(comparison, { run: [0], committed: [0] })).toMatch(/^Not judged: .*seed 0 alone/);
    expect(compared(single, single, [single]).reproduced).toBe(true);
  });

  it("that lacks a row is not reproduced", () => {
    const run = resultOf("own", [0], [[50], [60]]);
    expect(compared(run, committed, []).reproduced).toBe(false);
  });

  it("says which seeds are equal to every digit beside others", () => {
    const run = resultOf(
      "own",
      [0, 3],
      [
        [50, 53],
        [60, 61],
        [70, 72],
      ],
    );
    const comparison = compared(run, committed, []);
    expect(comparison).toMatchObject({ equal: false, equalSeeds: [0], reproduced: true });
    expect(verdictOf(comparison, { run: [0, 3], committed: [0, 1, 2] })).toMatch(/; seed 0 equal to every digit\.$/);
  });

  it("stands in aligned columns of at most 80, one table for each metric", () => {
    const run = resultOf("own", [0], [[52.5], [60], [72]]);
    const lines = comparisonText(compared(run, committed, []), { run: [0], committed: [0, 1, 2] }, 80).split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "           this",
      "top-1 (%)   run   committed  difference",
      "---------  ----  ----------  ----------",
      "row 0      52.5  52.0 ± 2.0        +0.5",
      "row 1      60.0  60.0 ± 0.0         0.0",
      "row 2      72.0  73.0 ± 3.0        −1.0",
    ]);
    expect(lines.filter((line) => line.startsWith("mAP (%)"))).toHaveLength(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
