import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { growthFigure } from "../../../lib/bench/figures/growth";
import { ratioFigure } from "../../../lib/bench/figures/ratio";
import type { BenchResult } from "../../../lib/bench/result";
import { matrix } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import { shapes } from "../../../lib/data/readers/shapes";
import { classChangeFigure } from "../../../lib/report/figures/class-change";
import { curveFigure } from "../../../lib/report/figures/curve";
import { detailFigure } from "../../../lib/report/figures/detail";
import { embeddingFigure } from "../../../lib/report/figures/embedding";
import { gapFigure } from "../../../lib/report/figures/gap";
import { examplesFigure, retrievalFigure } from "../../../lib/report/figures/images";
import { lossFigure } from "../../../lib/report/figures/loss";
import { matrixFigure } from "../../../lib/report/figures/matrix";
import { tableFigure } from "../../../lib/report/figures/table";
import { trendFigure } from "../../../lib/report/figures/trend";
import type { Figure } from "../../../lib/report/plot/figure";

import { kaleidoProblem } from "../kaleido-problem";
import { madeUpResult } from "../made-up-result";
import { madeUpMatrix, madeUpUpdates } from "../made-up-updates";
import { hardCurves, hardMatrix, hardResult } from "./hard-results";
import { faultsOf, MeasuringBrowser } from "./measured-figure";

const missing = kaleidoProblem();

const split = shapes({ side: 16, perClass: 2, seed: 3 }).test;
const longNames = split.classNames.map((_, index) => `Old_Church_Slavonic_(Cyrillic)/character${index}`);
const named = { ...split, classNames: longNames };
const stream = random(0, "embeddings to read");
const embeddings = matrix(
  72,
  4,
  Float32Array.from({ length: 72 * 4 }, () => stream.uniform(-1, 1)),
);

const changes = Array.from({ length: 40 }, (_, index) => ({
  name:
    index === 3
      ? "a/class_of_one_word_that_is_longer_than_any_column_of_names_could_ever_be"
      : (longNames[index % 36] ?? ""),
  before: (100 / 6) * (index % 7),
  after: (100 / 6) * ((5 * index) % 7),
  queries: 6,
}));

const origin = { date: "2001-02-03", commit: null };

const bench: BenchResult = {
  platform: "linux x64",
  device: "a processor with a long name, Intel(R) Xeon(R) Platinum 8481C at 2.70 GHz",
  cores: 2,
  memoryGiB: 8,
  versions: {},
  comparisons: Array.from({ length: 40 }, (_, index) => ({
    ...origin,
    id: `work-${index}`,
    title: `work ${index} on 50,000 items of 128 dimensions, 224 x 224, in batches of ${2 ** (index % 12)}`,
    unit: "items/s",
    ours: { name: "ours", rate: 1, rounds: [1], peakBytes: null },
    theirs:
      index === 5
        ? null
        : { name: "a peer with a long name and all of its plug-ins", rate: 1, rounds: [1], peakBytes: null },
    ratio: index === 5 ? null : 10 ** ((index % 9) - 3),
    target: index % 3 === 0 ? null : 1.5,
  })),
  growths: Array.from({ length: 9 }, (_, index) => ({
    ...origin,
    id: `growth-${index}`,
    title: `a growing work with a long name, number ${index}, from file to file`,
    unit: "items",
    points: [1e3, 1e5, 1e7].map((size) => ({ size, seconds: size ** (0.2 * index) / 1e3, peakBytes: null })),
  })),
};

const searches = [
  { label: "new / h(old), FCT with supervised contrastive side-information", found: [5, 4, 3, 30, 31, 6, 7, 8] },
  { label: "new / new", found: [1, 2, 71, 9, 10, 6, 7, 8] },
];
const panels = ["old model", "h(old) without any side-information stored beside it", "new model"].map((name) => {
  return { name, embeddings };
});

/** Every type of figure on hard input and on easy input. */
const figures: readonly (readonly [string, () => Figure | Promise<Figure>])[] = [
  ["tableFigure, 40 rows", () => tableFigure(hardResult)],
  ["tableFigure, mAP of few rows", () => tableFigure(madeUpResult, "mAP")],
  ["gapFigure, 40 rows", () => gapFigure(hardResult)],
  ["gapFigure, few rows", () => gapFigure(madeUpResult)],
  ["lossFigure, 40 trainings", () => lossFigure(hardResult.histories)],
  ["lossFigure, three seeds", () => lossFigure(madeUpResult.histories)],
  ["trendFigure, four lines", () => trendFigure(hardResult, { x: "size", log: true })],
  ["trendFigure, the gap", () => trendFigure(hardResult, { x: "flips", metric: "gap" })],
  ["trendFigure, bands", () => trendFigure(madeUpUpdates, { x: "size", metric: "gap" })],
  ["curveFigure, 40 curves", () => curveFigure(hardCurves)],
  ["curveFigure, few curves", () => curveFigure(madeUpUpdates, "top1")],
  [
    "detailFigure, four measures",
    () => detailFigure(hardResult, ["size", "cost", "flips", "gain"], { log: ["size", "cost"] }),
  ],
  ["detailFigure, a pair", () => detailFigure(madeUpUpdates, ["nfr", "pfr"], { leftward: ["nfr"] })],
  ["detailFigure, a single measure", () => detailFigure(hardResult, ["gain"])],
  ["matrixFigure, seven models", () => matrixFigure(hardMatrix)],
  ["matrixFigure, two panels", () => matrixFigure(madeUpMatrix)],
  [
    "classChangeFigure",
    () => classChangeFigure(changes, 40, { afterTitle: "new / h(old), FCT, supervised contrastive" }),
  ],
  ["embeddingFigure, crossed classes", () => embeddingFigure(panels, { split, classes: ["blue/ring", "red/star"] })],
  ["embeddingFigure, long names", () => embeddingFigure(panels, { split: named, classes: longNames.slice(0, 12) })],
  ["examplesFigure", () => examplesFigure(split)],
  ["examplesFigure, long names", () => examplesFigure(named)],
  ["retrievalFigure", () => retrievalFigure(searches, { split: named, query: 4, title: "Eight nearest items" })],
  ["ratioFigure", () => ratioFigure(bench)],
  ["growthFigure", () => growthFigure(bench)],
];

describe.skipIf(missing !== null)(`figures${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let folder = "";
  let browser: MeasuringBrowser;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fct-test-"));
    browser = new MeasuringBrowser(folder);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(figures)("%s: every text is on the page, large enough for a column, and meets no other", async (_, make) => {
    const figure = await make();
    const measured = await browser.measured(figure);
    expect(measured.texts.length).toBeGreaterThan(3);
    expect(faultsOf(measured)).toEqual([]);
  });

  it.each([1, 2, 5])("have a heading of %i lines above the panels, not on them", async (count) => {
    const dataset = Array(20 * (count - 1))
      .fill("word")
      .join(" ");
    const { data, layout } = lossFigure(madeUpResult.histories, `Heading ${dataset}`);
    const { texts } = await browser.measured({ data, layout });
    const heading = texts.filter(({ text }) => /Heading|word/.test(text));
    expect(Math.max(...heading.map(({ bottom }) => bottom))).toBeLessThan(layout.margin?.t ?? 0);
  });

  it("are found to be at fault if their texts meet, are too small or leave the page", async () => {
    const { data, layout } = tableFigure(madeUpResult);
    const at = { xref: "paper", yref: "paper", showarrow: false } as const;
    const annotations = [
      { ...at, text: "first", x: 0.5, y: 0.5 },
      { ...at, text: "second", x: 0.5, y: 0.5 },
      { ...at, text: "small", x: 0.5, y: 0.2, font: { size: 9 } },
      { ...at, text: "outside", x: 1, y: 1.01, xshift: 150 },
    ];
    const faults = faultsOf(await browser.measured({ data, layout: { ...layout, annotations } })).join("\n");
    expect(faults).toContain('"first" meets "second"');
    expect(faults).toContain('"small" has 9 px');
    expect(faults).toContain('"outside" leaves the page');
  });

  it.each(figures)("%s: says in words what it shows", async (_, make) => {
    const alt = (await make()).layout.meta?.alt ?? "";
    expect(alt.length).toBeGreaterThan(40);
    expect(alt.length).toBeLessThan(2000);
    expect(alt).not.toMatch(/NaN|undefined|<br>|&amp;/);
  });
});
