import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bootstrapMean, evaluateRetrieval, retrievalFlips, testEmbeddings, testSplit } from "../../lib";
import { backbone, upgrade } from "../../lib/experiments/model/construct";
import type { TableResult } from "../../lib/experiments/results/result";
import { ownTable } from "../../lib/own/own-table";
import { reseeded } from "../../lib/own/reseeded";
import { runRows } from "../../lib/own/run-rows";
import { renderFigure } from "../../lib/report/render/render";
import { arcface } from "../../lib/training/loss-values";
import { toyTable } from "../experiments/toy-table";
import { temporaryFolder } from "../temporary-folder";
import { toyBackbone, toyShapes, toySimclr, toyTransformation } from "../training/shapes-toy";

// Figures are drawn by a browser; here it is enough that they are asked for.
vi.mock("../../lib/report/render/render", () => ({
  renderFigure: vi.fn(async () => ({ png: new Uint8Array(8), svg: "<svg/>", pdf: new Uint8Array(8) })),
}));

// Results of one's own lie beside the committed ones.
vi.mock("../../lib/core/paths", async (original) => ({
  ...(await original<object>()),
  committedFolder: () => process.env.FCT_RESULTS ?? "nowhere",
}));

const old = backbone(toyBackbone, { classes: { fraction: 0.5, shuffle: 0 } });
const next = backbone(toyBackbone);
const mine = backbone(toyBackbone, { loss: arcface, embedding: 12, epochs: 3 });
const mapped = upgrade(old, { target: mine, side: null, recipe: toyTransformation });
const rows = [
  ["old / old", old, old],
  ["new / h(old)", mine, mapped],
  ["new / new", mine, mine],
] as const;

describe("an own experiment", () => {
  let folder = "";
  let result: TableResult;
  const files = (): readonly string[] => readdirSync(join(folder, "results", "own")).sort();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fct-own-"));
    vi.stubEnv("FCT_CACHE", join(folder, "cache"));
    vi.stubEnv("FCT_RESULTS", join(folder, "results"));
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    result = await runRows("ArcFace, 12 values", rows);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  test("has the metrics of its models' embeddings, and a gap from its first row to its last", async () => {
    expect(result.rows.map(({ label }) => label)).toEqual(rows.map(([label]) => label));
    const { labels } = await testSplit(toyShapes);
    const [query, gallery] = [await testEmbeddings(mine), await testEmbeddings(mapped)];
    expect([query.columns, gallery.columns]).toEqual([12, 12]);
    const { top1, mAP } = evaluateRetrieval({ query, gallery, labels, excludeSelf: true });
    expect(result.rows[1]?.metrics.top1.mean).toBeCloseTo(100 * top1, 3);
    expect(result.rows[1]?.metrics.mAP.mean).toBeCloseTo(100 * mAP, 3);
    const [start = 0, middle = 0, end = 0] = result.rows.map(({ metrics }) => metrics.top1.mean);
    const share = end > start ? (100 * (middle - start)) / (end - start) : null;
    if (share === null)
      expect(result.notes?.[0]).toMatch(/no gap to close.*"new \/ new" is not better than "old \/ old"/);
    else expect(result.rows[1]?.gapClosed.top1).toBeCloseTo(share, 3);
  });

  test("is kept in results/own under its title, with table and figures, and not drawn again if equal", async () => {
    expect(files()).toEqual(
      expect.arrayContaining(["arcface-12-values.json", "arcface-12-values.md", "arcface-12-values-rows.png"]),
    );
    expect(files().every((name) => name.startsWith("arcface-12-values"))).toBe(true);
    const kept = readFileSync(join(folder, "results", "own", "arcface-12-values.json"), "utf8");
    expect(JSON.parse(kept)).toMatchObject({
      title: "ArcFace, 12 values",
      scale: "own",
      dataset: "shapes, 16 x 16 pixels",
    });
    const drawn = vi.mocked(renderFigure).mock.calls.length;
    expect(await runRows("ArcFace, 12 values", rows)).toEqual(result);
    expect(vi.mocked(renderFigure).mock.calls.length).toBe(drawn);
    const all = files();
    rmSync(join(folder, "results", "own", "arcface-12-values.md"));
    expect(await runRows("ArcFace, 12 values", rows)).toEqual(result);
    expect(files()).toEqual(all);
  });

  test("repeats with as many seeds as asked for: seed k adds k to the seed of every recipe", async () => {
    const twice = await runRows("twice", rows.slice(0, 1), { seeds: 2 });
    expect(twice.seeds).toEqual([0, 1]);
    const other = await runRows("second seed", [["old / old", reseeded(old, 1), reseeded(old, 1)]]);
    expect(twice.rows[0]?.perSeed).toEqual([result.rows[0]?.perSeed[0], other.rows[0]?.perSeed[0]]);
    expect((await runRows("twice", rows.slice(0, 1))).seeds).toEqual([0]);
  });

  test("may name the ends of its gap, or have none", async () => {
    const named = await runRows("named", rows, { gap: { from: "new / h(old)", to: "new / new" } });
    expect([0, null]).toContain(named.rows[1]?.gapClosed.top1);
    expect((await runRows("none", rows, { gap: null })).rows.map(({ gapClosed }) => gapClosed.top1)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("gives its embeddings to further measures: flips and bootstrap intervals", async () => {
    const { labels } = await testSplit(toyShapes);
    const [before, after] = [await testEmbeddings(old), await testEmbeddings(mine)];
    const { negative, positive } = retrievalFlips({
      before: { query: before, gallery: before },
      after: { query: after, gallery: await testEmbeddings(mapped) },
      labels,
    });
    expect(100 * (positive - negative)).toBeCloseTo(
      (result.rows[1]?.metrics.top1.mean ?? 0) - (result.rows[0]?.metrics.top1.mean ?? 0),
      3,
    );
    const { perQuery } = evaluateRetrieval({ query: after, gallery: after, labels, excludeSelf: true });
    const { mean, low, high } = bootstrapMean(perQuery.averagePrecision, { seed: 0 });
    expect(low <= mean && mean <= high).toBe(true);
  });
});

describe("seeds", () => {
  test("of every recipe move, as those of a declared table do", () => {
    for (const [index, { query, gallery }] of toyTable.rows("tiny", 0).entries()) {
      const later = toyTable.rows("tiny", 3)[index];
      expect([reseeded(query, 3), reseeded(gallery, 3)]).toEqual([later?.query, later?.gallery]);
      expect(reseeded(query, 0)).toEqual(query);
    }
  });
});

describe("rows of one's own are refused before anything is trained", () => {
  const table = ownTable as (title: unknown, rows: unknown, options?: unknown) => ReturnType<typeof ownTable>;
  const narrow = backbone(toyBackbone, { embedding: 4 });
  const colours = backbone(toyBackbone, { dataset: { ...toyShapes, labels: "colour" } });
  test.each<[string, unknown, unknown, unknown, RegExp]>([
    ["without any", "a", [], {}, /^rows: expected at least one/],
    ["with an empty title", " - ", rows, {}, /^title: expected a text with letters or digits/],
    ["that are no rows", "a", [old], {}, /^row: expected \[label, query, gallery\]/],
    [
      "with a recipe for a model",
      "a",
      [["mine", toyBackbone, old]],
      {},
      /^query of row "mine": expected a model, such as backbone\(recipe\)/,
    ],
    ["with a side-information recipe", "a", [["mine", old, toySimclr]], {}, /^gallery of row "mine": .*got simclr$/],
    [
      "with an unknown end of the gap",
      "a",
      rows,
      { gap: { from: "old", to: "new / new" } },
      /^end of the gap: expected one of the rows old \/ old, .*, got old$/,
    ],
    ["of several datasets", "a", [["mine", old, colours]], {}, /^dataset of the rows: .*\{ dataset \}, got .*colour/],
  ])("%s", (_, title, wrong, options, message) => {
    expect(() => table(title, wrong, options)).toThrow(message);
  });

  test("of two sizes, or twice the same name", async () => {
    vi.stubEnv("FCT_CACHE", join(temporaryFolder(), "none"));
    await expect(
      runRows("a", [
        ["first", old, old],
        ["mine", narrow, old],
      ]),
    ).rejects.toThrow(/^row "mine": the query has 4/);
    await expect(
      runRows("a", [
        ["first", old, old],
        ["first", next, next],
      ]),
    ).rejects.toThrow(/first twice/);
    vi.unstubAllEnvs();
  });

  test("a dataset that is named settles which images are searched; a title of other letters gets a name", () => {
    const named = table("Ähnlich & 2", [["mine", old, colours]], { dataset: toyShapes });
    expect(named.rows("own", 0)[0]?.dataset).toEqual(toyShapes);
    expect(named.id).toMatch(/^ahnlich-2-[0-9a-f]{8}$/);
    expect(table("CosFace, 64 values", rows).id).toBe("cosface-64-values");
    expect(table("猫", rows).id).toMatch(/^[0-9a-f]{12}$/);
    // Two experiments must not be kept in the same files.
    for (const titles of [
      ["猫 v2", "犬 v2"],
      ["v = 2", "v = -2", "v 2"],
    ]) {
      const ids = titles.map((title) => table(title, rows).id);
      for (const id of ids) expect(id).toMatch(/^v-?2(-[0-9a-f]{8})?$/);
      expect(new Set(ids).size).toBe(titles.length);
    }
  });
});
