import { describe, expect, it } from "vitest";
import { matrixFigure } from "../../../lib/report/figures/matrix";
import { madeUpResult } from "../made-up-result";
import { madeUpMatrix } from "../made-up-updates";

const models = ["model 1", "model 2", "model 3"];

describe("matrixFigure", () => {
  const { data, layout } = matrixFigure(madeUpMatrix, "mAP");
  const mean = (panel: string, row: string, column: string): number | null =>
    madeUpMatrix.rows.find(({ cell }) => cell?.panel === panel && cell.row === row && cell.column === column)?.metrics
      .mAP.mean ?? null;

  it("has a row a query model and a column a gallery model, nothing where there is no cell", () => {
    const z = data.map((trace) => (trace.type === "heatmap" ? trace.z : []));
    const expected = ["independent", "forward compatible"].map((panel) =>
      models.map((query) => models.map((gallery) => mean(panel, query, gallery))),
    );
    expect(z).toEqual(expected);
    expect(z[0]?.[0]?.[1]).toBeNull();
    expect(layout.yaxis?.ticktext).toEqual(models);
    expect(layout.yaxis?.range).toEqual([2.5, -0.5]);
    expect(layout.xaxis2?.range).toEqual([-0.5, 2.5]);
    expect([layout.xaxis?.title?.text, layout.yaxis?.title?.text]).toEqual(["gallery model", "query model"]);
  });

  it("writes the number of every cell at its place", () => {
    const written = layout.annotations?.flatMap(({ text, x, y, xref }) =>
      xref === "x" ? [[y, x, Number(text.replace("−", "-"))]] : [],
    );
    const expected = models.flatMap((query, y) =>
      models.flatMap((gallery, x) => {
        const value = mean("independent", query, gallery);
        return value === null ? [] : [[y, x, value]];
      }),
    );
    expect(written).toEqual(expected);
  });

  it("writes intervals below the numbers that have one, in higher cells", () => {
    const rows = madeUpMatrix.rows.map((row) => {
      const mAP = { ...row.metrics.mAP, interval: [41.26, 52] as const };
      return { ...row, metrics: { ...row.metrics, top1: mAP, mAP } };
    });
    const withIntervals = matrixFigure({ ...madeUpMatrix, rows }, "mAP").layout;
    const cells = withIntervals.annotations?.filter(({ xref }) => xref === "x") ?? [];
    expect(cells.filter(({ text }) => /<br>.*\[41\.3, 52\.0\]/.test(text))).toHaveLength(cells.length);
    expect(withIntervals.title?.text).toContain("small: its 95 % interval");
    expect(withIntervals.height).toBeGreaterThan(layout.height ?? 0);
  });

  it("writes each number in the ink that has more contrast", () => {
    const inks = layout.annotations
      ?.filter(({ xref }) => xref === "x")
      .map(({ text, font }) => [Number(text), font?.color]);
    const sorted = [...(inks ?? [])].sort(([a], [b]) => Number(a) - Number(b));
    expect(sorted[0]?.[1]).toBe("#222222");
    expect(sorted.at(-1)?.[1]).toBe("#FFFFFF");
  });

  it("frames a model with itself", () => {
    const middles = layout.shapes?.map(({ x0, x1, y0, y1, xref }) => [(x0 + x1) / 2, (y0 + y1) / 2, xref]);
    expect(middles).toEqual(["x", "x2"].flatMap((axis) => [0, 1, 2].map((index) => [index, index, axis])));
  });

  it("has one scale for all panels, with its unit, from the lowest to the highest number", () => {
    const values = madeUpMatrix.rows.map(({ metrics }) => metrics.mAP.mean);
    for (const trace of data) expect(trace).toMatchObject({ zmin: Math.min(...values), zmax: Math.max(...values) });
    expect(layout.title?.text.replaceAll("<br>", " ")).toContain("Mean average precision of every query model");
    expect(layout.title?.text).toContain("(%)");
  });

  it("stands one number, and none", () => {
    const one = matrixFigure({ ...madeUpMatrix, rows: madeUpMatrix.rows.slice(0, 1) }).data[0];
    expect(one).toMatchObject({ z: [[50]], zmin: 49, zmax: 51 });
    expect(matrixFigure(madeUpResult).data).toEqual([]);
  });
});
