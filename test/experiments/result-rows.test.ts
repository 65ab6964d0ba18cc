import { describe, expect, test } from "vitest";
import { backbone, modelsIn, storedModel, upgrade } from "../../lib/experiments/model/model";
import { gapClosed, type Metrics, summaries } from "../../lib/experiments/result-rows";
import type { Table } from "../../lib/experiments/table";
import { toyTable } from "./toy-table";

const metrics = (top1: number, top5 = top1, mAP = top1): Metrics => ({ top1, top5, mAP });

describe("summaries", () => {
  test("are mean and sample standard deviation of each metric", () => {
    const { top1, top5, mAP } = summaries([metrics(2, 10, 1), metrics(4, 10, 2), metrics(6, 10, 6)]);
    expect(top1).toEqual({ mean: 4, sd: 2, n: 3 });
    expect(top5).toEqual({ mean: 10, sd: 0, n: 3 });
    expect(mAP).toEqual({ mean: 3, sd: Math.sqrt((4 + 1 + 9) / 2), n: 3 });
  });

  test("of a single run have no deviation", () => {
    expect(summaries([metrics(7)]).mAP).toEqual({ mean: 7, sd: null, n: 1 });
  });
});

describe("the share of the gap closed", () => {
  const rows = toyTable.rows("tiny", 0);
  const ids = rows.map(({ id }) => id);
  const shares = (table: Table, means: readonly number[]) =>
    gapClosed(
      table,
      rows,
      means.map((mean) => summaries([metrics(mean, 50, mean / 2)])),
    );

  test("is that of the means, for rows that search what the old model stored, and 100 % at the end", () => {
    expect(ids).toEqual(["old-old", "independent", "bct-new-old", "bct-new-new", "fct-none", "fct-simclr", "new-new"]);
    const closed = shares(toyTable, [40, 10, 36, 60, 55, 70, 80]);
    expect(closed.map(({ top1 }) => top1)).toEqual([0, -75, -10, null, 37.5, 75, 100]);
    expect(closed.map(({ mAP }) => mAP)).toEqual([0, -75, -10, null, 37.5, 75, 100]);
  });

  test("is nothing where there is no gap", () => {
    expect(shares(toyTable, [40, 10, 36, 60, 55, 70, 80]).map(({ top5 }) => top5)).toEqual(ids.map(() => null));
  });

  test("refuses ends that are no rows, naming those that are", () => {
    const table = { ...toyTable, gap: { from: "old", to: "new-new" } };
    expect(() => shares(table, [1, 2, 3, 4, 5, 6, 7])).toThrow("no row is called old; there are old-old, independent");
  });
});

describe("a model", () => {
  const [first, , , , , fct] = toyTable.rows("tiny", 0);

  test("that is upgraded was stored by its old model", () => {
    expect(storedModel(fct?.gallery ?? backbone(never()))).toEqual(first?.gallery);
    expect(storedModel(first?.gallery ?? backbone(never()))).toBe(first?.gallery);
  });

  test("lists what it is made from, itself last", () => {
    const gallery = fct?.gallery;
    if (gallery?.kind !== "upgrade") throw new Error("the row fct-simclr has an upgraded gallery");
    expect(modelsIn(gallery)).toEqual([gallery.old, gallery.target, gallery.side, gallery]);
    const { old, target, recipe } = gallery;
    const bare = upgrade(old, { target, side: null, recipe });
    expect(modelsIn(bare)).toEqual([old, target, bare]);
  });

  function never(): never {
    throw new Error("the toy table has this row");
  }
});
