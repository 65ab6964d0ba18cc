import { createRequire } from "node:module";
import sharp from "sharp";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ImageSplit } from "../../../lib/data/splits/dataset";
import { classChangeFigure } from "../../../lib/report/figures/class-change";
import { curveFigure } from "../../../lib/report/figures/curve";
import { detailFigure } from "../../../lib/report/figures/detail";
import { gapFigure } from "../../../lib/report/figures/gap";
import { retrievalFigure } from "../../../lib/report/figures/images";
import { lossFigure } from "../../../lib/report/figures/loss";
import { matrixFigure } from "../../../lib/report/figures/matrix";
import { scatterFigure } from "../../../lib/report/figures/scatter";
import { tableFigure } from "../../../lib/report/figures/table";
import { trendFigure } from "../../../lib/report/figures/trend";
import type { Figure } from "../../../lib/report/plot/figure";
import { kaleidoFolder } from "../../../lib/report/render/kaleido";
import { closeRenderer, renderFigure, renderPng, stableSvg } from "../../../lib/report/render/render";
import { show } from "../../../lib/report/show";
import { kaleidoProblem } from "../kaleido-problem";
import { madeUpResult } from "../made-up-result";
import { madeUpMatrix, madeUpUpdates } from "../made-up-updates";

const missing = kaleidoProblem();

describe("kaleidoFolder", () => {
  it("says what to run when kaleido is missing", () => {
    expect(() => kaleidoFolder("/nowhere")).toThrow(
      "kaleido is missing in /nowhere, no figure can be drawn: npm run setup",
    );
  });
});

describe("stableSvg", () => {
  it("counts random ids in order of appearance and leaves colours alone", () => {
    const svg = (id: string, trace: string): string =>
      `<defs id="defs-${id}"><clipPath id="clip${id}xy"/></defs><g class="trace scatter trace${trace}" clip-path="url(#clip${id}xy)" style="fill: #${id}"/>`;
    expect(stableSvg(svg("1f4726", "401e4c"))).toBe(
      '<defs id="defs-000001"><clipPath id="clip000001xy"/></defs><g class="trace scatter trace000002" clip-path="url(#clip000001xy)" style="fill: #1f4726"/>',
    );
    const bar = (id: string): string =>
      `<g class="cb${id} colorbar"><g class="ycb${id}tick"/><i href="#g-cb${id}"/></g>`;
    expect(stableSvg(bar("1f4726"))).toBe(bar("000001"));
    const second = (id: string): string => `<clipPath id="legend2${id}"/><g clip-path="url(#legend2${id})"/>`;
    expect(stableSvg(second("1f4726"))).toBe(second("000001"));
    // An id that begins as "trace" ends must not be taken for a part of another trace's name.
    expect(stableSvg(svg("ace935", "9351f4"))).toContain('"trace scatter trace000002"');
    expect(stableSvg(svg("aaaaaa", "bbbbbb")).replace("aaaaaa", "")).toBe(
      stableSvg(svg("cccccc", "dddddd")).replace("cccccc", ""),
    );
  });
});

describe.skipIf(missing !== null)(`renderFigure${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  afterAll(closeRenderer);

  const split: ImageSplit = {
    shape: [8, 8, 3],
    labels: Int32Array.of(0, 0),
    classNames: ["a"],
    pixels: async () => new Uint8Array(8 * 8 * 3).fill(90),
    load: async () => new Float32Array(0),
  };
  const figures: readonly (readonly [string, () => Figure | Promise<Figure>])[] = [
    ["tableFigure", () => tableFigure(madeUpResult)],
    ["gapFigure", () => gapFigure(madeUpResult)],
    ["lossFigure", () => lossFigure(madeUpResult.histories)],
    ["curveFigure", () => curveFigure(madeUpUpdates)],
    ["matrixFigure", () => matrixFigure(madeUpMatrix)],
    ["detailFigure", () => detailFigure(madeUpUpdates, ["nfr", "pfr"], { leftward: ["nfr"] })],
    ["trendFigure", () => trendFigure(madeUpUpdates, { x: "size", log: true })],
    ["classChangeFigure", () => classChangeFigure([{ name: "a/b", before: 20, after: 60 }], 1)],
    ["scatterFigure", () => scatterFigure([{ x: 1, y: 2, colour: "red", symbol: "star" }])],
    ["retrievalFigure", () => retrievalFigure([{ label: "", found: [1] }], { split, query: 0 })],
  ];

  it.each(figures)("draws %s at twice its size, with ink on white, the same bytes twice", async (_, make) => {
    const figure = await make();
    const first = await renderFigure(figure);
    const second = await renderFigure(figure);
    expect(Buffer.compare(first.png, second.png)).toBe(0);
    expect(second.svg).toBe(first.svg);
    expect(Buffer.compare(first.pdf, second.pdf)).toBe(0);
    expect(
      Buffer.from(first.pdf)
        .toString("latin1")
        .match(/\/Type \/Page\b/g),
    ).toHaveLength(1);
    expect(first.svg).toMatch(/^<svg/);
    const { width, height } = await sharp(first.png).metadata();
    expect([width, height]).toEqual([2 * figure.layout.width, 2 * figure.layout.height]);
    const { channels } = await sharp(first.png).stats();
    expect(channels.slice(0, 3).every(({ max, min }) => max === 255 && min < 120)).toBe(true);
  });

  it("takes another size and scale", async () => {
    const png = await renderPng(sized(tableFigure(madeUpResult), 400, 300), { scale: 1 });
    const { width, height } = await sharp(png).metadata();
    expect([width, height]).toEqual([400, 300]);
  });

  it("answers overlapping requests each with its own figure", async () => {
    const widths = [300, 350, 400, 450];
    const figure = lossFigure(madeUpResult.histories);
    const pngs = await Promise.all(widths.map((width) => renderPng(sized(figure, width, 300), { scale: 1 })));
    const measured = await Promise.all(pngs.map(async (png) => (await sharp(png).metadata()).width));
    expect(measured).toEqual(widths);
  });

  it("goes on after a figure that cannot be drawn and after it was closed", async () => {
    await expect(renderPng(tableFigure(madeUpResult), { scale: 100 })).rejects.toThrow(
      /drew 0 x 0 pixels instead of 54000 x/,
    );
    const figure = tableFigure(madeUpResult);
    await expect(renderPng(sized(figure, -5, 300))).rejects.toThrow(/above 0, got -5/);
    await expect(renderPng(figure, { scale: 0 })).rejects.toThrow(/scale.* above 0, got 0/);
    await closeRenderer();
    expect((await renderPng(figure)).length).toBeGreaterThan(1000);
  });

  it("shows a figure in a kernel as one bundle of plotly JSON, PNG and text, the same twice", async () => {
    const { cache, resolve } = createRequire(__filename);
    const path = resolve("tslab/dist/jupyter.js");
    const write = vi.fn();
    cache[path] = { exports: { lastWriteDisplayData: write } } as unknown as NodeJS.Module;
    onTestFinished(() => void delete cache[path]);
    const figure = gapFigure(madeUpResult);
    await show(figure);
    await show(figure);
    const [bundle, again] = write.mock.calls.map(([output]) => output);
    expect(Object.keys(bundle.data)).toEqual(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
    expect(bundle.data["text/plain"]).toMatch(
      /^\[figure: Share of the top-1 gap closed Set C, 5 → 10 invented classes/,
    );
    const { width, height, meta } = figure.layout;
    expect(bundle.metadata).toEqual({ "image/png": { width, height, alt: meta?.alt } });
    expect(again).toEqual(bundle);
  });
});

/** The figure with another size. */
function sized(figure: Figure, width: number, height: number): Figure {
  return { ...figure, layout: { ...figure.layout, width, height } };
}
