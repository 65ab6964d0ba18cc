import { describe, expect, it } from "vitest";
import { curveFigure } from "../../../lib/report/figures/curve";
import type { Figure } from "../../../lib/report/plot/figure";
import { madeUpResult } from "../made-up-result";
import { madeUpUpdates } from "../made-up-updates";

const curves = madeUpUpdates.rows.filter(({ curve }) => curve !== undefined);

/** The lines with marks, which are curves, and those without, which are the ends of the gap. */
function drawn({ data }: Figure, mode: string): Figure["data"] {
  return data.filter((trace) => trace.type === "scatter" && trace.mode === mode && trace.showlegend === false);
}

const shown = (name = ""): string => name.replaceAll("<br>", " ").replaceAll("\u00a0", " ");

describe.each(["top1", "top5", "mAP"] as const)("curveFigure of %s", (metric) => {
  const figure = curveFigure(madeUpUpdates, metric);
  const byMean = curves.toSorted((a, b) => b.metrics[metric].mean - a.metrics[metric].mean);
  const panels = ["a", "b"].map((name) => byMean.filter(({ id }) => id.startsWith(name)));

  it("draws each curve in percent of the gallery, in the panel of its group, the best first", () => {
    const expected = panels.flatMap((panel, index) =>
      panel.map(({ curve }) => [curve?.shares.map((share) => share * 100), curve?.[metric], ["y", "y2"][index]]),
    );
    expect(drawn(figure, "lines+markers").map(({ x, y, yaxis }) => [x, y, yaxis])).toEqual(expected);
  });

  it("names every curve with its mean, in the order of the means", () => {
    const entries = figure.data.filter(({ showlegend, legend }) => showlegend === true && legend === "legend");
    const means = (panels[0] ?? []).map(({ label, curve }) => {
      const values = curve?.[metric] ?? [];
      return `${label.replace("h(old), ", "")} · AUC ${(values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1)}`;
    });
    const shift = { top1: 0, top5: 10, mAP: -10 }[metric];
    expect(entries.map(({ name }) => shown(name))).toEqual([
      `new / new ${(70 + shift).toFixed(1)}`,
      ...means,
      `old / old ${(50 + shift).toFixed(1)}`,
    ]);
  });

  it("draws the ends of each group as flat dashed lines in its panel", () => {
    const shift = { top1: 0, top5: 10, mAP: -10 }[metric];
    const flat = drawn(figure, "lines").map(({ y, yaxis }) => [y.map((value) => (value ?? 0) - shift), yaxis]);
    expect(flat).toEqual([
      [[70, 70], "y"],
      [[50, 50], "y"],
      [[60, 60], "y2"],
      [[20, 20], "y2"],
    ]);
  });

  it("says the units of both axes", () => {
    expect(figure.layout.xaxis2?.title?.text).toBe("share of the gallery backfilled (%)");
    expect(figure.layout.yaxis?.title?.text).toMatch(/\(%( of queries)?\)$/);
  });
});

describe("curveFigure", () => {
  it("parts the rows with side-information from those without, and names what most lines of a panel share", () => {
    const sides = ["FCT, SimCLR, ", "FCT without side-information, ", "h of its own with "];
    const titlesOf = (at: (index: number) => number) => {
      const rows = madeUpUpdates.rows.map(({ group: _, ...row }, index) =>
        row.curve === undefined ? row : { ...row, label: `${sides[at(index)]}${row.id}` },
      );
      const { layout, data } = curveFigure({ ...madeUpUpdates, rows });
      return { titles: layout.annotations?.map(({ text }) => text), names: data.map(({ name }) => shown(name)) };
    };
    const two = titlesOf((index) => index % 2);
    expect(two.titles?.toSorted()).toEqual(["FCT without side-information", "FCT, SimCLR"]);
    expect(two.names.filter((name) => name.includes("FCT"))).toEqual([]);
    expect(titlesOf((index) => 2 - (index % 2)).titles).toContain("with side-information");
  });

  it("tells lines of one method apart by dashes and marks", () => {
    const panel = drawn(curveFigure(madeUpUpdates), "lines+markers").filter(({ yaxis }) => yaxis === "y");
    const looks = panel.map((trace) => trace.type === "scatter" && `${trace.line?.dash} ${trace.marker?.symbol}`);
    expect(new Set(looks).size).toBe(panel.length);
  });

  it("draws a band around each curve of several seeds, and none for one", () => {
    const sd = { top1: [3, 0], top5: [2, 0], mAP: [1, 0] };
    const rows = madeUpUpdates.rows.map((row) =>
      row.curve === undefined
        ? row
        : { ...row, curve: { shares: [0, 1], top1: [40, 60], top5: [50, 70], mAP: [30, 50], sd } },
    );
    const bands = ({ data }: Figure) => data.filter((trace) => trace.type === "scatter" && trace.fill !== undefined);
    const drawnBands = bands(curveFigure({ ...madeUpUpdates, rows }, "top1"));
    expect(drawnBands).toHaveLength(curves.length);
    expect(drawnBands[0]).toMatchObject({ x: [0, 100, 100, 0], y: [43, 60, 60, 37] });
    expect(bands(curveFigure(madeUpUpdates))).toEqual([]);
  });

  it("draws of many curves only the bands of a random order and of the uncertainty", () => {
    const sd = { top1: [3, 0], top5: [2, 0], mAP: [1, 0] };
    const orders = ["random order", "by predicted uncertainty", "by entropy", "by true distance"];
    const curve = { shares: [0, 1], top1: [40, 60], top5: [50, 70], mAP: [30, 50], sd };
    const row = madeUpUpdates.rows.find((each) => each.curve !== undefined) as (typeof madeUpUpdates.rows)[number];
    const rows = orders.map((order) => ({ ...row, id: order, label: `FastFill, ${order}`, curve }));
    const { data } = curveFigure({ ...madeUpUpdates, rows });
    const colours = drawn({ data } as Figure, "lines+markers").map((trace) => "line" in trace && trace.line?.color);
    expect(new Set(colours).size).toBe(orders.length);
    const bands = data.flatMap((trace) => ("fillcolor" in trace && trace.fill !== undefined ? trace.fillcolor : []));
    expect(bands).toEqual(colours.slice(0, 2).map((colour) => `${colour}1F`));
  });

  it("says which end lies below the axis, where it is not drawn", () => {
    const rows = madeUpUpdates.rows.map((row) =>
      row.label === "old / old" ? { ...row, metrics: { ...row.metrics, mAP: { ...row.metrics.mAP, mean: 1 } } } : row,
    );
    const names = curveFigure({ ...madeUpUpdates, rows }).data.map(({ name }) => shown(name));
    expect(names).toContain("old / old 1.0, below the axis");
  });

  it("cuts no mark at the frame", () => {
    for (const trace of curveFigure(madeUpUpdates).data) expect(trace).toMatchObject({ cliponaxis: false });
  });

  it("stands a result without curves", () => {
    expect(curveFigure(madeUpResult).data).toEqual([]);
  });
});
