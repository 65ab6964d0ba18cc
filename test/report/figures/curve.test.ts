import { describe, expect, it } from "vitest";
import { curveFigure } from "../../../lib/report/figures/curve";
import { madeUpResult } from "../made-up-result";
import { madeUpUpdates } from "../made-up-updates";

const curves = madeUpUpdates.rows.filter(({ curve }) => curve !== undefined);

describe.each(["top1", "top5", "mAP"] as const)("curveFigure of %s", (metric) => {
  const { data, layout } = curveFigure(madeUpUpdates, metric);

  it("draws each curve in percent of the gallery, in the panel of its group", () => {
    expect(data.map(({ x, y, yaxis }) => [x, y, yaxis])).toEqual(
      curves.map(({ id, curve }) => [
        curve?.shares.map((share) => share * 100),
        curve?.[metric],
        id[0] === "a" ? "y" : "y2",
      ]),
    );
  });

  it("names every curve with its mean", () => {
    const expected = curves.map(({ label, curve }) => {
      const values = curve?.[metric] ?? [];
      return `${label} · AUC ${(values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1)}`;
    });
    expect(data.map(({ name }) => name)).toEqual(expected);
    const texts = layout.annotations?.map(({ text }) => text.replaceAll("<br>", " ").replace(" · ", " ")) ?? [];
    expect(texts).toEqual(expect.arrayContaining(expected.map((name) => name.replace(" · ", " "))));
  });

  it("draws the ends of each group as flat lines in its panel", () => {
    const shift = { top1: 0, top5: 10, mAP: -10 }[metric];
    expect(layout.shapes?.map(({ y0, y1, yref, line }) => [y0 - shift, y1 - shift, yref, line.dash])).toEqual([
      [50, 50, "y", "dash"],
      [70, 70, "y", "dash"],
      [20, 20, "y2", "dash"],
      [60, 60, "y2", "dash"],
    ]);
  });

  it("says the units of both axes", () => {
    expect(layout.xaxis2?.title?.text).toBe("share of the gallery backfilled (%)");
    expect(layout.yaxis?.title?.text).toMatch(/\(%( of queries)?\)$/);
  });
});

describe("curveFigure", () => {
  it("has entries of the legend below each other, inside the panel", () => {
    const { layout } = curveFigure(madeUpUpdates);
    const first = layout.annotations?.filter(({ xshift }) => xshift === 38).map(({ y }) => y) ?? [];
    const [low = 0, high = 0] = layout.yaxis?.domain ?? [];
    const inFirst = first.filter((y) => y > low);
    expect(inFirst[0]).toBe(high);
    expect(inFirst).toEqual([...inFirst].sort((a, b) => b - a));
    expect(new Set(inFirst).size).toBe(5);
  });

  it("stands a result without curves", () => {
    expect(curveFigure(madeUpResult).data).toEqual([]);
  });
});
