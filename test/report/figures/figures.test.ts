import { describe, expect, it } from "vitest";
import type { ImageSplit } from "../../../lib/data/splits/dataset";
import type { ResultRow } from "../../../lib/experiments/results/result";
import { gapFigure } from "../../../lib/report/figures/gap";
import { retrievalFigure } from "../../../lib/report/figures/images";
import { lossFigure } from "../../../lib/report/figures/loss";
import { scatterFigure } from "../../../lib/report/figures/scatter";
import { tableFigure } from "../../../lib/report/figures/table";
import type { Figure } from "../../../lib/report/plot/figure";
import { madeUpResult } from "../made-up-result";

function named(figure: Figure, name: string): Figure["data"] {
  return figure.data.filter((trace) => trace.name === name);
}

describe("tableFigure", () => {
  const figure = tableFigure(madeUpResult);

  it("has a dot for every row at its place, with its deviation", () => {
    const dots = named(figure, "mean ± standard deviation").flatMap(({ x, y, error_x }) =>
      y.map((place, index) => [place, x[index], error_x?.array[index]]),
    );
    const places = figure.layout.yaxis?.tickvals ?? [];
    const expected = madeUpResult.rows.map(({ metrics }, index) => [places[index], metrics.top1.mean, metrics.top1.sd]);
    expect(dots.sort(([a], [b]) => Number(a) - Number(b))).toEqual(expected);
  });

  it("gives a method the same colour and mark as every other figure does", () => {
    const looks = ({ data }: Figure): ReadonlyMap<string, string> =>
      new Map(
        data.flatMap((trace) =>
          (trace.text ?? []).map((text): [string, string] => [
            text,
            trace.type === "scatter" ? `${trace.marker?.color} ${trace.marker?.symbol}` : "",
          ]),
        ),
      );
    const table = looks(figure);
    expect(new Set(table.values()).size).toBe(6);
    for (const [row, look] of looks(gapFigure(madeUpResult))) expect([row, table.get(row)]).toEqual([row, look]);
  });

  it("says of one seed that there is no interval, and draws none", () => {
    const rows = madeUpResult.rows.map((row) => ({
      ...row,
      metrics: {
        top1: { ...row.metrics.top1, sd: null, n: 1 },
        top5: { ...row.metrics.top5, sd: null, n: 1 },
        mAP: { ...row.metrics.mAP, sd: null, n: 1 },
      },
    }));
    const single = tableFigure({ ...madeUpResult, seeds: [1], rows });
    expect(single.data.every(({ error_x }) => error_x === undefined)).toBe(true);
    expect(single.layout.meta?.alt).toContain("one seed, so no interval");
  });

  it("has a mark for every row and seed, and two reference lines at old/old and new/new", () => {
    expect(named(figure, "each seed")[0]?.x).toEqual(
      madeUpResult.rows.flatMap(({ perSeed }) => perSeed.map(({ top1 }) => top1)),
    );
    expect(figure.layout.shapes?.map(({ x0, x1 }) => [x0, x1])).toEqual([
      [50, 50],
      [70, 70],
    ]);
  });

  it("names every row, markup taken literally, and the unit", () => {
    expect(figure.layout.yaxis?.ticktext).toHaveLength(madeUpResult.rows.length);
    expect(figure.layout.yaxis?.ticktext).toContain("new/old, FCT | SimCLR<br>&lt;side&gt;");
    expect(figure.layout.xaxis?.title?.text).toBe("top-1 (% of queries)");
    expect(tableFigure(madeUpResult, "mAP").layout.xaxis?.title?.text).toBe("mean average precision (%)");
    expect(figure.layout.title?.text).toContain("Set C, 5 → 10 invented classes");
  });

  it("keeps every bar, deviation and seed inside the axis", () => {
    const [, end] = figure.layout.xaxis?.range ?? [0, 0];
    expect(end).toBeGreaterThan(70.8);
    expect(end).toBeLessThanOrEqual(102);
  });
});

function rowOf(id: string): ResultRow {
  return madeUpResult.rows.find((row) => row.id === id) as ResultRow;
}

describe("gapFigure", () => {
  const figure = gapFigure(madeUpResult);

  it("has every update of the old gallery, and the published shares of each source on the same places", () => {
    expect(figure.layout.yaxis?.ticktext?.map((text) => text.replaceAll("<br>", " "))).toEqual([
      "new/old, independent",
      "new/old, backward-compatible training",
      "new/old, FCT without side-information",
      "new/old, FCT | SimCLR &lt;side&gt;",
    ]);
    expect(named(figure, "this replication").flatMap(({ x }) => x)).toEqual([null, -10, 60, 85]);
    expect(named(figure, "published: Set A, Paper A (2001)")[0]?.x).toEqual([null, null, 55, 75]);
    expect(named(figure, "published: Set B, Paper B (2002)")[0]?.x).toEqual([null, null, null, 90]);
  });

  it("writes what is too far below zero to be drawn", () => {
    const texts = figure.layout.annotations?.map(({ text }) => text.replaceAll("<br>", " ").replaceAll("\u00a0", " "));
    expect(texts).toEqual(["◂ −245.0 % here; published −110.0 %"]);
    expect(figure.layout.xaxis?.range?.[0]).toBeGreaterThan(-60);
  });

  it("writes what is too far above the gap to be drawn at the other side", () => {
    const rows = madeUpResult.rows.map((row) =>
      row.id === "fct-none" ? { ...row, gapClosed: { ...row.gapClosed, top1: 412.5 } } : row,
    );
    const { layout } = gapFigure({ ...madeUpResult, rows });
    expect(layout.annotations?.map(({ text }) => text)).toContain("412.5\u00a0% here ▸");
    expect(layout.xaxis?.range?.[1]).toBeLessThan(210);
  });

  it("leaves rows beyond the scale out of a long figure, and says how many", () => {
    const shares = [...Array(39).fill(50), -90, 300];
    const long = shares.map((top1, index) => ({
      ...rowOf("fct-none"),
      id: `row-${index}`,
      gapClosed: { top1, top5: top1, mAP: top1 },
    }));
    const { layout } = gapFigure({ ...madeUpResult, rows: [rowOf("old-old"), ...long, rowOf("new-new")] });
    expect(layout.yaxis?.ticktext).toHaveLength(39);
    expect(layout.meta?.alt).toContain("2 rows beyond the scale are left out");
  });

  it("gives each publication a symbol of its own", () => {
    const symbols = figure.data
      .filter(({ name }) => name?.startsWith("published"))
      .map((trace) => trace.type === "scatter" && trace.marker?.symbol);
    expect(symbols).toHaveLength(2);
    expect(new Set(symbols).size).toBe(2);
  });

  it("marks the share of each seed alone: (M - old) / (new - old)", () => {
    const top1 = (id: string): readonly number[] =>
      madeUpResult.rows.filter((row) => row.id === id).flatMap(({ perSeed }) => perSeed.map((seed) => seed.top1));
    const shares = ["bct-new-old", "fct-none", "fct-simclr"].flatMap((id) =>
      top1(id).map((value, seed) => {
        const [old = 0, next = 0] = [top1("old-old")[seed], top1("new-new")[seed]];
        return (100 * (value - old)) / (next - old);
      }),
    );
    expect(named(figure, "each seed of this replication")[0]?.x).toEqual(shares);
  });

  it("stands a result without a gap", () => {
    const rows = madeUpResult.rows.map((row) => ({ ...row, gapClosed: { top1: null, top5: null, mAP: null } }));
    expect(gapFigure({ ...madeUpResult, rows }).layout.yaxis?.ticktext).toEqual([]);
    expect(tableFigure({ ...madeUpResult, rows }).layout.shapes).toHaveLength(2);
  });
});

describe("lossFigure", () => {
  it("has a line for every model and seed, epochs counted from 1, a panel for every model", () => {
    const figure = lossFigure(madeUpResult.histories);
    expect(figure.data.map(({ y }) => y)).toEqual(madeUpResult.histories.map(({ loss }) => loss));
    expect(figure.data.every(({ x }) => x[0] === 1 && x.at(-1) === x.length)).toBe(true);
    expect(figure.layout.annotations?.map(({ text }) => text.replaceAll("<br>", " "))).toEqual([
      "<b>Backbones</b>",
      "<b>Side-information</b>",
      "<b>Transformations h</b>",
      "old network",
      "new network",
      "SimCLR on the old classes",
      "h, FCT with SimCLR side-information",
      "epoch",
    ]);
    expect(figure.layout.title?.text).toContain("3 seeds, a line each");
  });

  it("leaves out of the names what most were trained on, and keeps the settings that tell them apart", () => {
    const labels = ["32-d", "512-d", "2"].map((setting) => `ResNet-18 on all classes (${setting})`);
    const { layout } = lossFigure(labels.map((label) => ({ label, seed: 1, loss: [2, 1] })));
    expect(layout.annotations?.slice(0, 4).map(({ text }) => text.replaceAll("<br>", " "))).toEqual([
      "<b>Backbones, unless said otherwise on all classes</b>",
      "ResNet-18 (32-d)",
      "ResNet-18 (512-d)",
      "ResNet-18 (2)",
    ]);
  });

  it("stays within a page with many models, every one in a panel of its own that does not meet another", () => {
    const loss = [3, 2, 1];
    const histories = Array.from({ length: 18 }, (_, index) => ({ label: `model ${index}`, seed: 1, loss }));
    const { data, layout } = lossFigure(histories);
    expect(layout.height).toBeLessThan(1300);
    const places = data.map(({ xaxis, yaxis }) => [
      layout[`xaxis${xaxis?.slice(1)}`]?.domain,
      layout[`yaxis${yaxis?.slice(1)}`]?.domain,
    ]);
    const apart = (a: readonly number[] = [], b: readonly number[] = []): boolean =>
      (a[1] ?? 0) <= (b[0] ?? 0) || (b[1] ?? 0) <= (a[0] ?? 0);
    places.forEach(([x, y], i) => {
      for (const [otherX, otherY] of places.slice(i + 1)) expect(apart(x, otherX) || apart(y, otherY)).toBe(true);
    });
  });

  it("stands an empty list", () => {
    expect(lossFigure([]).data).toEqual([]);
  });
});

describe("scatterFigure", () => {
  const points = Array.from({ length: 24 }, (_, index) => ({
    x: index,
    y: -index,
    colour: ["red", "blue"][index % 2] ?? "",
    symbol: ["circle", "square", "star"][index % 3] ?? "",
    panel: index < 12 ? "old" : "new",
  }));

  it("draws every point once, in the panel, colour and symbol of its labels", () => {
    const figure = scatterFigure(points, { colours: { red: "#ff0000" }, symbols: { star: "star" } });
    const drawn = figure.data.flatMap((trace) =>
      trace.x.flatMap((x, index) =>
        x === null || trace.type !== "scatter"
          ? []
          : [{ x, y: trace.y[index], axis: trace.xaxis, color: trace.marker?.color, symbol: trace.marker?.symbol }],
      ),
    );
    const symbols: Record<string, string> = { circle: "circle", square: "square", star: "star" };
    const expected = points.map(({ x, y, colour, symbol, panel }) => ({
      x,
      y,
      axis: panel === "old" ? "x" : "x2",
      color: colour === "red" ? "#ff0000" : "#D55E00",
      symbol: symbols[symbol],
    }));
    expect(drawn.sort((a, b) => a.x - b.x)).toEqual(expected);
  });

  it("names each colour and each symbol once in the legend", () => {
    const entries = scatterFigure(points).data.filter(({ showlegend }) => showlegend !== false);
    expect(entries.map(({ name }) => name)).toEqual(["red", "blue", "circle", "square", "star"]);
  });
});

describe("retrievalFigure", () => {
  const split: ImageSplit = {
    shape: [4, 4, 3],
    labels: Int32Array.of(0, 0, 1),
    classNames: ["<b>", "c"],
    pixels: async () => new Uint8Array(4 * 4 * 3).fill(200),
    load: async () => new Float32Array(0),
  };
  const searches = [{ label: "old model", found: [1, 2] }];

  it("shows every image with its caption, hits framed and signed by whether they are right", async () => {
    const { layout } = await retrievalFigure(searches, { split, query: 0 });
    expect(layout.images).toHaveLength(3);
    expect(layout.images?.[0]?.source).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(layout.shapes?.map(({ line }) => line.color)).toEqual(["#222222", "#00785A", "#C25200"]);
    expect(layout.annotations?.map(({ text }) => text)).toEqual(["&lt;b&gt;", "✓ &lt;b&gt;", "✗ c", "old model"]);
  });

  it("gives the same figure twice", async () => {
    const figure = (): Promise<Figure> => retrievalFigure(searches, { split, query: 0 });
    expect(await figure()).toEqual(await figure());
  });

  it("refuses pixels of another shape", async () => {
    const wrong = { ...split, shape: [4, 5, 3] } as const;
    await expect(retrievalFigure(searches, { split: wrong, query: 0 })).rejects.toThrow(/4 x 5: expected 60 .* got 48/);
  });
});
