import { describe, expect, test } from "vitest";
import { keptValues, type RowValues, resultRows, rowValues } from "../../lib/experiments/result-rows";
import type { Curve, Metrics, ResultRow } from "../../lib/experiments/results/result";
import type { Row, Table } from "../../lib/experiments/table";
import { toyTable } from "./toy-table";

const rows = toyTable.rows("tiny", 0);
const ids = rows.map(({ id }) => id);
const metrics = (top1: number, top5 = top1, mAP = top1): Metrics => ({ top1, top5, mAP });

/** One seed's values, in the order of the rows. */
const seedOf = (perRow: readonly Metrics[]): readonly RowValues[] =>
  ids.map((id, index) => ({ id, metrics: perRow[index] ?? metrics(50), details: {}, curve: null }));

/** The only row of a table without a gap, from its values for each seed. */
function onlyRow(perSeed: readonly Partial<RowValues>[], table: Pick<Table, "measures"> = {}): ResultRow | undefined {
  const [row] = rows as readonly [Row];
  const values = perSeed.map((each) => ({ id: row.id, metrics: metrics(50), details: {}, curve: null, ...each }));
  return resultRows({ gap: null, ...table }, [row], values)[0];
}

describe("a row over the seeds", () => {
  test("has the mean and the sample standard deviation of each metric", () => {
    const row = onlyRow([metrics(2, 10, 1), metrics(4, 10, 2), metrics(6, 10, 6)].map((each) => ({ metrics: each })));
    expect(row?.metrics).toEqual({
      top1: { mean: 4, sd: 2, n: 3 },
      top5: { mean: 10, sd: 0, n: 3 },
      mAP: { mean: 3, sd: Math.sqrt((4 + 1 + 9) / 2), n: 3 },
    });
    expect(row?.perSeed).toEqual([metrics(2, 10, 1), metrics(4, 10, 2), metrics(6, 10, 6)]);
  });

  test("has no deviation after a single run", () => {
    expect(onlyRow([{ metrics: metrics(7) }])?.metrics.mAP).toEqual({ mean: 7, sd: null, n: 1 });
  });

  test("has the mean of what it measured besides, of the table's measures alone", () => {
    const measures = ["size", "tax"].map((id) => ({ id, title: id, decimals: 0 }));
    const perSeed = [{ details: { size: 8, other: 1 } }, { details: { size: 10, other: 2 } }];
    expect(onlyRow(perSeed, { measures })?.details).toEqual({
      size: { mean: 9, sd: Math.SQRT2, n: 2, values: [8, 10] },
    });
    expect(onlyRow(perSeed)).not.toHaveProperty("details");
  });

  test("has the mean curve, point by point, and the deviation of what each lacks of its end", () => {
    const curve = (top1: readonly number[]): Curve => ({ shares: [0, 1], top1, top5: [60, 80], mAP: [1, 2] });
    const { sd, ...means } = onlyRow([{ curve: curve([10, 30]) }, { curve: curve([20, 50]) }])?.curve ?? {};
    expect(means).toEqual(curve([15, 40]));
    expect(sd).toEqual({ top1: [Math.sqrt(50), 0], top5: [0, 0], mAP: [0, 0] });
    expect(onlyRow([{ curve: curve([10, 30]) }])?.curve).toEqual(curve([10, 30]));
    expect(onlyRow([{}])).not.toHaveProperty("curve");
  });

  test("is given back, seed by seed, by a result that is kept, unless that has means alone", () => {
    const measures = [{ id: "size", title: "size", decimals: 0 }];
    const perSeed = [8, 10].map((size) => ({ metrics: metrics(size), details: { size } }));
    const kept = (row: ResultRow | undefined, seeds: readonly number[]): readonly RowValues[] =>
      keptValues({ table: "toy", scale: "tiny", seeds, rows: row === undefined ? [] : [row] });
    const given = perSeed.map((each) => ({ id: ids[0], curve: null, ...each }));
    expect(kept(onlyRow(perSeed, { measures }), [0, 1])).toEqual(given);
    expect(kept(onlyRow(perSeed.slice(0, 1), { measures }), [0])).toEqual(given.slice(0, 1));
    const curve = { shares: [0, 1], top1: [1, 2], top5: [1, 2], mAP: [1, 2] };
    expect(kept(onlyRow([{ curve }]), [0])[0]?.curve).toEqual(curve);
    expect(() => kept(onlyRow([{ curve }, { curve }]), [0, 1])).toThrow(
      /toy\.json.*curve.*means of 2 seeds.*--extend/s,
    );
    const { values: _, ...mean } = onlyRow(perSeed, { measures })?.details?.size ?? { mean: 9, sd: 1, n: 2 };
    const old = { ...(onlyRow(perSeed) as ResultRow), details: { size: mean } };
    expect(() => kept(old, [0, 1])).toThrow(/toy\.json.*size.*means of 2 seeds.*--extend/s);
  });

  test("keeps its own values, whatever the order in which rows and seeds come", () => {
    const seeds = [40, 60].map((first) => seedOf(ids.map((_, index) => metrics(first + index))));
    const inOrder = resultRows(toyTable, rows, seeds.flat());
    expect(inOrder.map(({ id, metrics: { top1 } }) => [id, top1.mean])).toEqual(ids.map((id, i) => [id, 50 + i]));
    const reversed = seeds.map((values) => values.toReversed());
    expect(resultRows(toyTable, rows, reversed.flat())).toEqual(inOrder);
  });
});

test("a row's values are read from its evaluation and its measurements", () => {
  const evaluation = { arrays: {}, facts: { top1: 1, top5: 2, mAP: 3, skipped: 4 } };
  const measurements = [{ size: 8 }, { tax: 2 }].map((facts) => ({ arrays: {}, facts }));
  const expected = { id: "old-old", metrics: metrics(1, 2, 3), details: { size: 8, tax: 2 }, curve: null };
  const [row] = rows as readonly [Row];
  expect(rowValues(row, evaluation, measurements)).toEqual(expected);
});

describe("the share of the gap closed", () => {
  const shares = (table: Table, means: readonly number[]): readonly ResultRow["gapClosed"][] =>
    resultRows(table, rows, seedOf(means.map((mean) => metrics(mean, 50, mean / 2)))).map(({ gapClosed }) => gapClosed);

  test("is that of the means, for rows that search what the old model stored, and 100 % at the end", () => {
    expect(ids).toEqual(["old-old", "independent", "bct-new-old", "bct-new-new", "fct-none", "fct-simclr", "new-new"]);
    const closed = shares(toyTable, [40, 10, 36, 60, 55, 70, 80]);
    expect(closed.map(({ top1 }) => top1)).toEqual([0, -75, -10, null, 37.5, 75, 100]);
    expect(closed.map(({ mAP }) => mAP)).toEqual([0, -75, -10, null, 37.5, 75, 100]);
  });

  test("is null if there is no gap", () => {
    expect(shares(toyTable, [40, 10, 36, 60, 55, 70, 80]).map(({ top5 }) => top5)).toEqual(ids.map(() => null));
    expect(shares({ ...toyTable, gap: null }, [40, 10, 36, 60, 55, 70, 80]).map(({ top1 }) => top1)).toEqual(
      ids.map(() => null),
    );
  });

  test("is not negative zero", () => {
    expect(Object.is(shares(toyTable, [0, 10, 36, 60, 55, 70, 80])[0]?.top1, 0)).toBe(true);
  });

  test("refuses ends that are not rows, naming those that are", () => {
    const table = { ...toyTable, gap: { from: "old", to: "new-new" } };
    expect(() => shares(table, [1, 2, 3, 4, 5, 6, 7])).toThrow(/old-old, independent.*got old$/);
  });
});
