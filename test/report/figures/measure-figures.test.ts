import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { detailFigure } from "../../../lib/report/figures/detail";
import { trendFigure } from "../../../lib/report/figures/trend";
import { ticksUpTo } from "../../../lib/report/plot/axes";
import type { Figure } from "../../../lib/report/plot/figure";
import { madeUpResult } from "../made-up-result";
import { madeUpUpdates } from "../made-up-updates";

const { rows } = madeUpUpdates;

/** The lines of a figure, without the bands around them. */
function lines(data: Figure["data"]): Figure["data"] {
  return data.filter(({ name }) => name !== undefined);
}

describe("detailFigure", () => {
  it("has a dot for every row with the measure at its place, the numbers beside it", () => {
    const { data, layout } = detailFigure(madeUpUpdates, ["nfr", "cost"]);
    const dots = data.filter((trace) => trace.type === "scatter" && trace.mode === "markers");
    expect(dots.map(({ x, name }) => [x, name])).toEqual([
      [rows.flatMap(({ details }) => details?.nfr?.mean ?? []), "negative flips (% of queries)"],
      [rows.flatMap(({ details }) => details?.cost?.mean ?? []), "h (million multiplications an item)"],
    ]);
    expect(dots[1]?.xaxis).toBe("x2");
    const places = layout.yaxis?.tickvals ?? [];
    expect(dots.map(({ y }) => y)).toEqual([places, [1, 2, 4].map((index) => places[index])]);
    const numbers = layout.annotations?.filter(({ xref, yref }) => xref === "paper" && yref === "y2");
    expect(numbers?.map(({ text }) => text)).toEqual(["0.500 ± 0.063", "1.000 ± 0.063", "0.500 ± 0.063"]);
    expect(layout.xaxis?.title?.text.replaceAll("<br>", " ")).toBe("negative flips (% of queries)");
  });

  it("turns a leftward measure and gives it its neighbour's scale", () => {
    const { layout } = detailFigure(madeUpUpdates, ["nfr", "pfr"], { leftward: ["nfr"] });
    const [end, zero] = layout.xaxis?.range ?? [];
    expect(zero).toBe(0);
    expect(layout.xaxis2?.range).toEqual([0, end]);
    expect(end).toBeGreaterThan(22 + 1.25);
    expect(layout.xaxis?.tickvals).not.toContain(0);
  });

  it("gives measures that stand alone scales of their own that leave room for the numbers", () => {
    const { layout } = detailFigure(madeUpUpdates, ["size", "cost"]);
    const highest = [256, 1.0625];
    [layout.xaxis, layout.xaxis2].forEach((axis, index) => {
      const end = axis?.range?.[1] ?? 0;
      expect(end).toBeGreaterThan(1.05 * (highest[index] ?? 0));
      expect(Math.max(...(axis?.tickvals ?? []))).toBeLessThanOrEqual(highest[index] ?? 0);
    });
  });

  it("holds negative numbers, their ticks on both sides of 0", () => {
    const negative = rows.map((row) => ({
      ...row,
      details: { nfr: { mean: row.metrics.top1.mean - 60, sd: 1, n: 3 } },
    }));
    const { xaxis } = detailFigure({ ...madeUpUpdates, rows: negative }, ["nfr"]).layout;
    expect(xaxis?.range?.[0]).toBeLessThan(20 - 60 - 1);
    expect(xaxis?.range?.[1]).toBeGreaterThan(70 - 60 + 1);
    expect(xaxis?.tickvals).toEqual(expect.arrayContaining([-40, -20, 0, 5, 10]));
    expect(xaxis?.ticktext).toContain("−20");
  });

  it("draws no deviation where every seed gives the same", () => {
    const { data } = detailFigure(madeUpUpdates, ["size", "cost"]);
    const intervals = data.filter(({ name }) => name !== undefined).map(({ error_x }) => error_x?.array);
    expect(intervals).toEqual([undefined, [0.0625, 0.0625, 0.0625]]);
  });

  it("has at least three ticks on an axis, of thousands in short, and none that meet", () => {
    const costs = [80, 2500, 40_000, 79_426, 111_000];
    const measured = rows.slice(0, 5).map((row, index) => ({
      ...row,
      details: { size: { mean: costs[index] ?? 0, sd: null, n: 1 } },
    }));
    const result = { ...madeUpUpdates, rows: measured };
    const linear = detailFigure(result, ["size"]).layout.xaxis;
    expect(linear?.ticktext).toEqual(["0", "50k", "100k"]);
    const log = detailFigure(result, ["size"], { log: ["size"] }).layout.xaxis;
    expect(log?.type).toBe("log");
    expect(log?.ticktext).toEqual(["100", "1k", "10k", "100k"]);
    expect(log?.title?.text.replaceAll("<br>", " ")).toContain("log scale");
  });

  it("writes a 0 on a logarithmic axis and draws nothing there, and refuses what is below", () => {
    const at = (mean: number): Parameters<typeof detailFigure>[0] => ({
      ...madeUpUpdates,
      rows: rows
        .slice(0, 2)
        .map((row, index) => ({ ...row, details: { size: { mean: index * mean, sd: null, n: 1 } } })),
    });
    const { data, layout } = detailFigure(at(50), ["size"], { log: ["size"] });
    expect(data.flatMap(({ x }) => x)).toEqual([null, 50]);
    expect(layout.annotations?.map(({ text }) => text)).toEqual(expect.arrayContaining(["0", "50"]));
    expect(() => detailFigure(at(-5), ["size"], { log: ["size"] })).toThrow(/size: expected .*got -5/);
  });

  it("refuses what is no measure", () => {
    expect(() => detailFigure(madeUpUpdates, ["nfr", "flips"])).toThrow(/nfr, pfr, size, cost, got flips/);
    expect(() => detailFigure(madeUpResult, ["nfr"])).toThrow(/no measures, got nfr/);
  });
});

describe("ticksUpTo", () => {
  it("steps evenly from 0, not beyond the highest value, in steps of 1, 2 or 5 times a power of ten", () => {
    const stream = random(0, "ticks");
    for (let i = 0; i < 200; i++) {
      const highest = 10 ** stream.uniform(-4, 6);
      for (const steps of [1, 2, 3]) {
        const ticks = ticksUpTo(highest, steps);
        const step = ticks[1] ?? 0;
        expect(Math.max(...ticks.map((tick, index) => Math.abs(tick - index * step)))).toBeLessThan(1e-5 * highest);
        expect(step.toExponential()).toMatch(/^[125]e/);
        expect(ticks.at(-1)).toBeLessThanOrEqual(highest * (1 + 1e-9));
        expect(ticks.length - 1).toBeGreaterThanOrEqual(steps);
        expect(highest / step).toBeLessThan(2.5 * steps + 1e-9);
      }
    }
  });

  it("are 0 alone where nothing is higher", () => {
    expect(ticksUpTo(0, 2)).toEqual([0]);
  });

  it("writes the groups' headings beside the first panel of each row", () => {
    const { layout } = detailFigure(madeUpUpdates, ["nfr", "pfr", "cost"]);
    const headings = layout.annotations?.filter(({ text }) => text.startsWith("<b>")) ?? [];
    const groups = new Set(rows.flatMap(({ group }) => group ?? [])).size;
    expect(headings.map(({ yref }) => yref)).toEqual(["y", "y3"].flatMap((axis) => Array(groups).fill(axis)));
  });
});

describe("trendFigure", () => {
  const points = (group: string, of: (row: (typeof rows)[number]) => number | null): readonly (number | null)[] =>
    rows.filter((row) => row.group === group && row.details?.size !== undefined).map(of);
  const groups = ["small -> large network", "half of the classes -> all"];

  it("draws a line a group through the rows that have the measure", () => {
    const { data, layout } = trendFigure(madeUpUpdates, { x: "size", metric: "mAP", log: true });
    expect(lines(data).map(({ x, y }) => [x, y])).toEqual(
      groups.map((group) => [
        points(group, (row) => row.details?.size?.mean ?? 0),
        points(group, (row) => row.metrics.mAP.mean),
      ]),
    );
    expect([layout.xaxis?.type, layout.xaxis?.title?.text]).toEqual([
      "log",
      "side-information (numbers an item) (log scale)",
    ]);
    expect(layout.xaxis?.tickvals).toEqual([16, 64, 256]);
    const range = layout.yaxis?.range ?? [50, 50];
    expect(range[0]).toBeLessThanOrEqual(0);
    expect(range[1]).toBeGreaterThanOrEqual(100);
  });

  it("draws the band of a deviation, and none for one seed, which it says", () => {
    const bands = ({ data }: Figure): Figure["data"] => data.filter((trace) => trace.type === "scatter" && trace.fill);
    const several = trendFigure(madeUpUpdates, { x: "size", metric: "gap" });
    expect(bands(several)).toHaveLength(2);
    const [first] = bands(several);
    expect(first?.y).toHaveLength(6);
    expect(several.layout.meta?.alt).toContain("standard deviation of 3 seeds");
    const single = {
      ...madeUpUpdates,
      seeds: [1],
      rows: rows.map((row) => ({ ...row, perSeed: row.perSeed.slice(1, 2) })),
    };
    const one = trendFigure(single, { x: "size", metric: "gap" });
    expect(bands(one)).toEqual([]);
    expect(one.layout.meta?.alt).toContain("one seed, so no interval");
  });

  it("draws the rows that are asked for, with the ends of the gap from all of them", () => {
    const only = trendFigure(madeUpUpdates, { x: "size", metric: "gap", where: ({ id }) => id.startsWith("b-") });
    expect(lines(only.data).map(({ x }) => x)).toEqual([[16, 256]]);
    expect(only.data.length).toBe(2);
  });

  it("orders the points of a line by the measure, whatever the order of the rows", () => {
    const reversed = trendFigure({ ...madeUpUpdates, rows: [...rows].reverse() }, { x: "size" });
    const straight = trendFigure(madeUpUpdates, { x: "size" });
    const drawn = ({ data }: Figure): readonly unknown[] => lines(data).map(({ x, y }) => [x, y]);
    expect(drawn(reversed)).toEqual(drawn(straight).toReversed());
  });

  it("draws the share of the gap, and lines of a reader's choice", () => {
    const { data, layout } = trendFigure(madeUpUpdates, {
      x: "size",
      metric: "gap",
      series: ({ id }) => `all of ${id.length}`,
    });
    expect(lines(data).map(({ name }) => name)).toEqual(["all of 4", "all of 5"]);
    expect([layout.showlegend, ...lines(data).map(({ showlegend }) => showlegend)]).toEqual([true, true, true]);
    expect(layout.annotations?.map(({ text }) => text)).toEqual(["old / old", "new / new"]);
    expect(lines(data).map(({ y }) => y)).toEqual(
      [
        [4, 26, 4],
        [48, 28],
      ].map((shares) => expect.arrayContaining(shares)),
    );
    expect(layout.yaxis?.title?.text).toBe("share of the top-1 gap closed (%)");
  });

  it("refuses an unknown measure, and what a logarithm does not take", () => {
    expect(() => trendFigure(madeUpUpdates, { x: "width" })).toThrow(/nfr, pfr, size, cost, got width/);
    const zero = rows.map((row) => ({ ...row, details: { size: { mean: 0, sd: null, n: 1 } } }));
    expect(() => trendFigure({ ...madeUpUpdates, rows: zero }, { x: "size", log: true })).toThrow(
      /old \/ old, size: expected .* above 0 .*, got 0/,
    );
  });
});
