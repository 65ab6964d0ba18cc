import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { checkedRows } from "../../lib/experiments/check-rows";
import { isLanguageTable } from "../../lib/experiments/language/kinds/any-table";
import { backbone, compatible, sideInformation, upgrade } from "../../lib/experiments/model/construct";
import type { Model } from "../../lib/experiments/model/model";
import { runTable } from "../../lib/experiments/run";
import type { Row } from "../../lib/experiments/table";
import { tables } from "../../lib/tables/tables";
import { batchHardTriplet, fastfill } from "../../lib/training/loss-values";
import { temporaryFolder } from "../temporary-folder";
import { toyBackbone, toyShapes, toySimclr, toyTransformation } from "../training/shapes-toy";
import { toyTable } from "./toy-table";

const old = backbone(toyBackbone, { classes: { fraction: 0.5, shuffle: 0 } });
const next = backbone(toyBackbone);
const narrow = backbone(toyBackbone, { embedding: 4 });
const triplets = backbone(toyBackbone, { loss: batchHardTriplet });
const large = backbone(toyBackbone, {
  dataset: { ...toyShapes, side: 32 },
  architecture: { ...toyBackbone.architecture, side: 32 } as typeof toyBackbone.architecture,
});
const odd = backbone(toyBackbone, {
  architecture: { ...toyBackbone.architecture, side: 32 } as typeof toyBackbone.architecture,
});
const h = upgrade(old, { target: next, side: null, recipe: toyTransformation });
const uncertain = upgrade(old, { target: next, side: null, loss: fastfill });

const row = (query: Model, gallery: Model, more: Partial<Row> = {}): Row => {
  return { id: "mine", label: "new / mine", query, gallery, dataset: toyShapes, reported: [], ...more };
};
const backfill = (gallery: Model, order: "random" | "uncertainty", by = next): Row =>
  row(next, gallery, { backfill: { next: by, order, seed: 0 } });

describe("a row that cannot run is refused, by its name, with what to change", () => {
  test.each<[string, Row, RegExp]>([
    ["two sizes", row(narrow, old), /query has 4 dimensions .*gallery 8 .*; give both the same embedding/],
    [
      "another size of images",
      row(large, large),
      /shapes at 32 x 32 pixels, .*evaluated on shapes at 16 x 16.*one size/,
    ],
    ["a network for other images", row(odd, odd), /takes images of side 32, its dataset is shapes at 16 x 16/],
    [
      "side-information of other images",
      row(
        next,
        upgrade(old, { target: next, side: sideInformation(toySimclr, { dataset: { ...toyShapes, side: 32 } }) }),
      ),
      /SimCLR.* is trained on shapes at 32 x 32/,
    ],
    [
      "BCT without an old classifier",
      row(compatible(toyBackbone, { old: triplets }), old),
      /BCT needs the old model's classifier.*triplet.*another loss/,
    ],
    [
      "FastFill to a target without a classifier",
      row(triplets, upgrade(old, { target: triplets, side: null, loss: fastfill })),
      /needs the target's classifier.*triplet.*cosine/,
    ],
    [
      "an order by uncertainty without any",
      backfill(h, "uncertainty"),
      /order by uncertainty .*; give its upgrade the loss fastfill/,
    ],
    [
      "a held-out head without images held out",
      row(next, uncertain, { backfill: { next, order: "uncertainty", head: "held-out", seed: 0 } }),
      /images that no model has learned, and .* learns all; give its dataset a validation split/,
    ],
    [
      "a held-out head of an order that asks none",
      row(next, uncertain, { backfill: { next, order: "entropy", head: "held-out", seed: 0 } }),
      /order by entropy asks no head/,
    ],
    [
      "a backfill of another size",
      backfill(h, "random", narrow),
      /gallery has 8 dimensions, the model that replaces it 4/,
    ],
  ])("%s", (_, wrong, message) => {
    expect(() => checkedRows([row(next, h), { ...wrong, id: "second" }])).toThrow(message);
    expect(() => checkedRows([wrong])).toThrow(/^row "new \/ mine": /);
  });

  test("ids that are not unique", () => {
    expect(() => checkedRows([row(next, h), row(next, old)])).toThrow(/row ids: .*mine twice/);
  });
});

test("rows that can run pass: those of every table at every scale", () => {
  const all = tables.flatMap((table) =>
    isLanguageTable(table) ? [] : Object.keys(table.scales).map((scale) => table.rows(scale, 0)),
  );
  expect(all.length).toBeGreaterThan(30);
  for (const rows of all) expect(checkedRows(rows)).toBe(rows);
  expect(checkedRows([row(next, h), { ...backfill(h, "random"), id: "filled" }])).toHaveLength(2);
});

test("a table with such a row trains nothing", async () => {
  const cache = join(temporaryFolder(), "cache");
  vi.stubEnv("FCT_CACHE", cache);
  const table = { ...toyTable, rows: () => [row(next, next), { ...row(narrow, old), id: "wrong", label: "narrow" }] };
  const choices = { scale: "tiny", seeds: 1, compute: true, progress: "log" } as const;
  await expect(runTable({ ...table, gap: null }, choices)).rejects.toThrow(/^row "narrow": the query has 4 dimensions/);
  expect(existsSync(cache)).toBe(false);
  vi.unstubAllEnvs();
});
