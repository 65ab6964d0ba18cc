import { describe, expect, test } from "vitest";
import type { ResultRow, TableResult } from "../../../lib/experiments/results/result";
import { detailFigure } from "../../../lib/report/figures/detail";
import { gapFigure, gapRows } from "../../../lib/report/figures/gap";
import { tableFigure } from "../../../lib/report/figures/table";
import { trendFigure } from "../../../lib/report/figures/trend";
import { resultMarkdown, resultSummary } from "../../../lib/report/markdown";
import type { ErrorBars, Figure } from "../../../lib/report/plot/figure";
import { resultText } from "../../../lib/report/terminal/result-text";
import { madeUpResult } from "../made-up-result";

/** The made-up result as if its queries had been kept: metrics and shares with uneven intervals. */
function withMadeUpIntervals(result: TableResult): TableResult {
  const rows = result.rows.map((row): ResultRow => {
    const around = (mean: number) => [mean - 1, mean + 2] as const;
    const of = (metric: "top1" | "top5" | "mAP") => ({
      ...row.metrics[metric],
      interval: around(row.metrics[metric].mean),
    });
    const share = row.gapClosed.top1 === null ? null : ([row.gapClosed.top1 - 10, row.gapClosed.top1 + 30] as const);
    return {
      ...row,
      metrics: { top1: of("top1"), top5: of("top5"), mAP: of("mAP") },
      gapInterval: { top1: share, top5: null, mAP: null },
      details: { size: { mean: 10, sd: null, n: 3 } },
    };
  });
  return { ...result, rows, measures: [{ id: "size", title: "size", decimals: 0 }] };
}

const result = withMadeUpIntervals(madeUpResult);

/** The bars of a figure's dots, one list for each trace that has any. */
function barsOf({ data }: Figure): readonly ErrorBars[] {
  return data.flatMap((trace) => ("error_x" in trace && trace.error_x !== undefined ? [trace.error_x] : []));
}

const close = (values: readonly number[] = [], expected: number): boolean =>
  values.length > 0 && values.every((value) => Math.abs(value - expected) < 1e-9);

describe("a result with intervals", () => {
  test("has them as uneven bars in the figure of its rows, and says so", () => {
    const figure = tableFigure(result);
    const bars = barsOf(figure);
    expect(bars.length).toBeGreaterThan(0);
    expect(bars.every(({ array, arrayminus }) => close(array, 2) && close(arrayminus, 1))).toBe(true);
    expect(JSON.stringify(figure.layout)).toContain("bars: 95 % intervals over 3 seeds and classes");
    expect(JSON.stringify(tableFigure(madeUpResult).layout)).toContain("mean ± standard deviation of 3 seeds");
    expect(barsOf(tableFigure(madeUpResult)).every(({ symmetric }) => symmetric === undefined)).toBe(true);
  });

  test("draws no share of a gap that may be chance, as tables print none, and says how many", () => {
    const drawn = gapRows(result.rows);
    const unsure = drawn.slice(0, 1);
    const rows = result.rows.map((row) =>
      unsure.some(({ id }) => id === row.id) ? { ...row, gapInterval: { top1: null, top5: null, mAP: null } } : row,
    );
    expect(gapRows(rows)).toHaveLength(drawn.length - 1);
    const share = (some: readonly ResultRow[]) => trendFigure({ ...result, rows: some }, { x: "size", metric: "gap" });
    const points = ({ data }: Figure): number =>
      data.filter(({ text }) => text !== undefined).flatMap(({ x }) => x).length;
    expect(points(share(rows))).toBe(points(share(result.rows)) - 1);
    expect(gapFigure({ ...result, rows }).layout.meta?.alt).toContain("1 row whose gap may be chance left out");
    expect(gapFigure(result).layout.meta?.alt).not.toContain("chance");
  });

  test("has those of its shares in the figure of the gap", () => {
    const bars = barsOf(gapFigure(result));
    expect(bars.length).toBeGreaterThan(0);
    // A share that is off the scale is not drawn, and has no bar.
    const drawn = (values: readonly number[] = []): readonly number[] => values.filter((value) => value !== 0);
    expect(bars.every(({ array, arrayminus }) => array.every((_, i) => !array[i] === !arrayminus?.[i]))).toBe(true);
    expect(
      close(
        bars.flatMap(({ array }) => drawn(array)),
        30,
      ),
    ).toBe(true);
    expect(
      close(
        bars.flatMap(({ arrayminus }) => drawn(arrayminus)),
        10,
      ),
    ).toBe(true);
  });

  test("says what the printed numbers are beside such bars", () => {
    const numbers = "numbers: mean ± standard deviation over seeds";
    expect(tableFigure(result).layout.meta?.alt).toContain(numbers);
    expect(tableFigure(madeUpResult).layout.meta?.alt).not.toContain(numbers);
    expect(detailFigure(result, ["size"]).layout.meta?.alt).not.toContain(numbers);
    const rows = result.rows.map((row) => ({
      ...row,
      details: { size: { mean: 3, sd: 1, n: 3, interval: [2, 4] as const } },
    }));
    expect(detailFigure({ ...result, rows }, ["size"]).layout.meta?.alt).toContain(numbers);
    const single = detailFigure({ ...result, seeds: [1] }, ["size"], { title: "Sizes" });
    expect(single.layout.meta?.alt).toMatch(/^Dot plot\. Sizes\..*one seed, without intervals/);
  });

  test("has an axis that shows the bars of its shares to their ends", () => {
    const rows = result.rows.map((row) =>
      row.id === "fct-none" ? { ...row, gapInterval: { top1: [-110, 230] as const, top5: null, mAP: null } } : row,
    );
    const [low, high] = gapFigure({ ...result, rows }).layout.xaxis?.range ?? [0, 0];
    expect(low).toBeLessThan(-110);
    expect(high).toBeGreaterThan(230);
  });

  test("has a band of them in trends", () => {
    const rows = result.rows.map((row, index) => ({ ...row, details: { size: { mean: index + 1, sd: null, n: 3 } } }));
    const figure = trendFigure({ ...result, rows }, { x: "size" });
    const [filled] = figure.data.flatMap((trace) => ("fill" in trace && trace.fill !== undefined ? [trace] : []));
    const tops = rows.map(({ metrics }) => metrics.top1.mean + 2);
    const edge = (filled?.y ?? []).map(Number);
    expect(tops.every((top) => edge.some((y) => Math.abs(y - top) < 1e-9))).toBe(true);
    expect(JSON.stringify(figure.layout)).toContain("band: 95 % intervals over 3 seeds and classes");
  });

  test("prints them in Markdown, and deviations in a terminal", () => {
    const [first] = result.rows;
    const mean = first?.metrics.top1.mean ?? Number.NaN;
    const printed = `${mean.toFixed(1)} [${(mean - 1).toFixed(1)}, ${(mean + 2).toFixed(1)}]`;
    for (const text of [resultMarkdown(result), resultSummary(result)]) {
      expect(text).toContain(printed);
      expect(text).toContain("(mean, 95 % intervals over seeds and classes)");
    }
    expect(resultMarkdown({ ...result, seeds: [0] })).toContain("(a single run, 95 % intervals over classes)");
    expect(resultText(result, 200)).toContain(`${mean.toFixed(1)} ± `);
    expect(resultText(result, 200)).not.toContain(printed);
  });
});
