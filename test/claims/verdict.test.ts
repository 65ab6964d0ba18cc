import { describe, expect, test } from "vitest";
import type { Claim, Contrast } from "../../lib/claims/claim";
import { claims } from "../../lib/claims/claims";
import { better, betterInGap, closesAbout, closesMoreThan, equal } from "../../lib/claims/contrasts";
import type { ClaimData } from "../../lib/claims/evidence";
import { evidenceOf } from "../../lib/claims/evidence";
import { type Outcome, verdictsOf } from "../../lib/claims/verdict";
import { random } from "../../lib/core/random";
import { byMetric } from "../../lib/experiments/results/intervals";
import { packedQueries, queriesOfTable, queryValues } from "../../lib/experiments/results/query-results";
import type { MetricName, ResultRow, TableResult } from "../../lib/experiments/results/result";
import { interval } from "../../lib/statistics/estimate";
import { madeUpResult } from "../report/made-up-result";

/** The metrics of a row with each seed: mAP as given, and the others of it. */
type Levels = readonly { readonly mAP: number; readonly top1?: number }[];

function resultRow(id: string, levels: Levels, details?: ResultRow["details"]): ResultRow {
  const perSeed = levels.map(({ mAP, top1 = mAP }) => ({ top1, top5: mAP, mAP }));
  const mean = (metric: MetricName): number => perSeed.reduce((sum, each) => sum + each[metric], 0) / perSeed.length;
  return {
    id,
    label: id,
    metrics: byMetric((metric) => ({ mean: mean(metric), sd: null, n: perSeed.length })),
    perSeed,
    gapClosed: { top1: null, top5: null, mAP: null },
    reported: [],
    ...(details === undefined ? {} : { details }),
  };
}

function resultOf(rows: Readonly<Record<string, Levels>>): TableResult {
  const all = Object.entries(rows).map(([id, levels]) => resultRow(id, levels));
  const seeds = (all[0]?.perSeed ?? []).map((_, seed) => seed);
  return { ...madeUpResult, table: "main", seeds, rows: all };
}

/** Levels around a mean that differ from seed to seed. */
const around = (mean: number, seeds: number = 5, spread: number = 0.2): Levels =>
  Array.from({ length: seeds }, (_, seed) => ({ mAP: mean + spread * ((seed % 3) - 1) }));

function claimOf(contrasts: readonly Contrast[], changes: Partial<Claim> = {}): Claim {
  const source = { kind: "ours", ref: "made up for a test" } as const;
  return {
    id: "c",
    text: "It is so",
    source,
    scales: ["quick"],
    table: "main",
    contrasts,
    margin: 1,
    family: "f",
    ...changes,
  };
}

function outcomeOf(rows: Readonly<Record<string, Levels>>, claim: Claim): Outcome | undefined {
  const data = { result: resultOf(rows), queries: null };
  return verdictsOf([claim], () => data)[0]?.outcome;
}

describe("a claim", () => {
  const [small, large, same] = [around(20), around(30, 5, 0.3), around(20.1, 5, 0.1)];

  test("holds beyond its margin, is contradicted beyond it on the other side", () => {
    expect(outcomeOf({ a: large, b: small }, claimOf([better("a", "b")]))).toEqual({ kind: "holds" });
    expect(outcomeOf({ a: small, b: large }, claimOf([better("a", "b")]))).toEqual({ kind: "contradicted" });
    expect(outcomeOf({ a: large, b: small }, claimOf([better("a", "b")], { margin: 11 }))).toEqual({
      kind: "no difference",
      margin: 11,
    });
  });

  test("does not hold where top-1 says the opposite", () => {
    const opposed = large.map(({ mAP }) => ({ mAP, top1: 10 }));
    expect(outcomeOf({ a: opposed, b: small }, claimOf([better("a", "b")]))).toEqual({
      kind: "not resolved",
      seeds: null,
    });
  });

  test("is not contradicted where top-1 is on its side", () => {
    const opposed = small.map(({ mAP }) => ({ mAP, top1: 40 }));
    expect(outcomeOf({ a: opposed, b: large }, claimOf([better("a", "b")]))).toEqual({
      kind: "not resolved",
      seeds: null,
    });
    const apart = large.map(({ mAP }) => ({ mAP, top1: 20 }));
    expect(outcomeOf({ a: apart, b: small }, claimOf([equal("a", "b")]))?.kind).toBe("not resolved");
  });

  test("of no more negative flips holds where there are fewer, and falls where there are more", () => {
    const flips = claims.find(({ id }) => id === "flips") as Claim;
    const outcomeWith = (fct: number, embedded: number): Outcome | undefined => {
      const details = (mean: number) => {
        const values = around(mean).map(({ mAP }, seed) => mAP + 0.01 * seed);
        return { negative: { mean, sd: 0.2, n: 5, values } };
      };
      const rows = [
        resultRow("old-old", around(50)),
        resultRow("fct-simclr", around(50), details(fct)),
        resultRow("new-new", around(50), details(embedded)),
      ];
      const result = { ...resultOf({ a: around(1) }), rows };
      return verdictsOf([flips], () => ({ result, queries: null }))[0]?.outcome;
    };
    expect(outcomeWith(2, 8)).toEqual({ kind: "holds" });
    expect(outcomeWith(7, 6)).toEqual({ kind: "holds" });
    expect(outcomeWith(9, 6)).toEqual({ kind: "contradicted" });
  });

  test("makes no difference if both are alike, which is what an equality claims", () => {
    expect(outcomeOf({ a: same, b: small }, claimOf([better("a", "b")]))).toEqual({ kind: "no difference", margin: 1 });
    expect(outcomeOf({ a: same, b: small }, claimOf([equal("a", "b")]))).toEqual({ kind: "holds" });
    expect(outcomeOf({ a: large, b: small }, claimOf([equal("a", "b")]))).toEqual({ kind: "contradicted" });
  });

  test("is not resolved while seeds spread too much, and says how many more it takes", () => {
    const noisy = around(24, 5, 6);
    const outcome = outcomeOf({ a: noisy, b: small }, claimOf([better("a", "b")]));
    expect(outcome?.kind).toBe("not resolved");
    expect(outcome?.kind === "not resolved" ? outcome.seeds : 0).toBeGreaterThan(5);
  });

  test("asks for more seeds beside other open claims of its family", () => {
    const rows = { a: around(23, 5, 2.5), b: around(20, 5, 0), c: around(20.5, 5, 6) };
    const data = { result: resultOf(rows), queries: null };
    const asked = (list: readonly Claim[]): number => {
      const outcome = verdictsOf(list, () => data)[0]?.outcome;
      return (outcome?.kind === "not resolved" ? outcome.seeds : null) ?? 0;
    };
    const alone = claimOf([better("a", "b")]);
    const others = ["d", "e", "f"].map((id) => claimOf([better("c", "b")], { id }));
    expect(asked([alone])).toBeGreaterThan(5);
    expect(asked([alone, ...others])).toBeGreaterThan(asked([alone]));
  });

  test("asks for no seeds where more of them would tell its contrasts apart, but not the claim", () => {
    const rows = { a: around(23, 5, 2.5), b: small, c: around(20.3, 5, 2.5) };
    const outcome = outcomeOf(rows, claimOf([better("a", "b"), better("c", "b")]));
    expect(outcome).toEqual({ kind: "not resolved", seeds: null });
  });

  test("needs three seeds for a verdict; with fewer it is seen or not", () => {
    const [a, b] = [around(30, 2), around(20, 2)];
    expect(outcomeOf({ a, b }, claimOf([better("a", "b")]))).toEqual({ kind: "seen", runs: 2, of: 2 });
    expect(outcomeOf({ a: b, b: a }, claimOf([better("a", "b")]))).toEqual({ kind: "seen", runs: 0, of: 2 });
    const opposed = a.map(({ mAP }) => ({ mAP, top1: 10 }));
    expect(outcomeOf({ a: opposed, b }, claimOf([better("a", "b")]))).toEqual({ kind: "seen", runs: 0, of: 2 });
  });

  test("is seen only beyond its margin", () => {
    const rows = { a: around(20.8, 2), b: around(20, 2) };
    expect(outcomeOf(rows, claimOf([better("a", "b")]))).toEqual({ kind: "seen", runs: 0, of: 2 });
    expect(outcomeOf(rows, claimOf([better("a", "b")], { margin: 0.5 }))).toEqual({ kind: "seen", runs: 2, of: 2 });
  });

  test("is not testable without a gap, and not run without a result", () => {
    const gated = claimOf([betterInGap("a", "b", "new")]);
    expect(outcomeOf({ a: large, b: small, new: around(19) }, gated)).toEqual({ kind: "not testable" });
    expect(outcomeOf({ a: large, b: small, new: around(31) }, gated)).toEqual({ kind: "holds" });
    expect(verdictsOf([gated], () => null)[0]?.outcome).toEqual({ kind: "not run" });
  });

  test("of a share is not testable where top-1 has no gap, whatever the row's top-1", () => {
    const flat = (levels: Levels, top1: number): Levels => levels.map(({ mAP }) => ({ mAP, top1 }));
    const rows = { "old-old": flat(small, 50), "new-new": flat(around(40), 50), row: flat(around(36), 10) };
    expect(outcomeOf(rows, claimOf([closesMoreThan("row", 50)], { margin: 0 }))).toEqual({ kind: "not testable" });
  });

  test("of several contrasts holds if all that can be tested do, and falls with one", () => {
    const rows = { a: large, b: small, c: around(40), low: around(5), flat: around(20) };
    expect(outcomeOf(rows, claimOf([better("a", "b"), better("c", "a")]))).toEqual({ kind: "holds" });
    expect(outcomeOf(rows, claimOf([better("a", "b"), better("low", "b")]))).toEqual({ kind: "contradicted" });
    expect(outcomeOf(rows, claimOf([better("a", "b"), betterInGap("low", "b", "flat")]))).toEqual({ kind: "holds" });
  });

  test("of a share of the gap is judged by the published one, within its margin", () => {
    const rows = { "old-old": around(20), "new-new": around(40, 5, 0.3), row: around(36) };
    expect(outcomeOf(rows, claimOf([closesMoreThan("row", 50)], { margin: 0 }))).toEqual({ kind: "holds" });
    expect(outcomeOf(rows, claimOf([closesAbout("row", [80, 80, 80])], { margin: 10 }))).toEqual({ kind: "holds" });
    expect(outcomeOf(rows, claimOf([closesAbout("row", [50, 50, 50])], { margin: 10 }))).toEqual({
      kind: "contradicted",
    });
  });

  test("is corrected for the others of its family at its scale, and for no other", () => {
    // Five seeds whose t value is near the 2.5 % point.
    const barely = [1.2, 2.1, 3.6, 1.7, 2.9].map((value) => ({ mAP: 20 + value }));
    const flat = around(20, 5, 0);
    const alone = claimOf([better("a", "b")]);
    const others = ["d", "e", "f"].map((id) => claimOf([better("noise", "b")], { id }));
    const rows = { a: barely, b: flat, noise: around(21.2, 5, 3) };
    const data = { result: resultOf(rows), queries: null };
    const kind = (list: readonly Claim[]): string | undefined => verdictsOf(list, () => data)[0]?.outcome.kind;
    expect(kind([alone])).toBe("holds");
    expect(kind([alone, ...others])).toBe("not resolved");
    expect(kind([alone, ...others.map((each) => ({ ...each, family: "other" }))])).toBe("holds");
  });

  test("makes no difference at the level that the other claims of its family leave", () => {
    // Five seeds whose equivalence within 1 is barely told.
    const rows = { a: around(20, 5, 0.8), b: around(20, 5, 0), noise: around(21.2, 5, 3) };
    const data = { result: resultOf(rows), queries: null };
    const kind = (list: readonly Claim[]): string | undefined => verdictsOf(list, () => data)[0]?.outcome.kind;
    const alone = claimOf([better("a", "b")]);
    const others = ["d", "e", "f"].map((id) => claimOf([better("noise", "b")], { id }));
    expect(kind([alone])).toBe("no difference");
    expect(kind([alone, ...others])).toBe("not resolved");
    expect(kind([alone, ...others.map((each) => ({ ...each, family: "other" }))])).toBe("no difference");
  });

  test("about rows that a result lacks is an error that names them", () => {
    expect(() => outcomeOf({ a: small, b: small }, claimOf([better("a", "gone")]))).toThrow(/one of a, b, got gone/);
  });
});

/** Results of queries: `top1` gives a query's hit by row, seed and query. */
function withQueries(
  rows: Readonly<Record<string, (seed: number, query: number) => number>>,
  seeds: number,
): ClaimData {
  const classes = Int32Array.from({ length: 40 }, (_, i) => i >> 2);
  const stream = random("claims");
  const entries = Object.entries(rows).flatMap(([row, hit]) =>
    Array.from({ length: seeds }, (_, seed) => {
      const top1 = Float64Array.from(classes, (_label, query) => hit(seed, query));
      const mAP = top1.map((value) => Math.fround(0.5 * value + 0.1 * stream.uniform()));
      return { row, seed, results: packedQueries(classes, { top1, top5: top1, mAP }) };
    }),
  );
  const queries = queriesOfTable(entries);
  const level = (row: string, seed: number, metric: MetricName): number => {
    const { values } = queryValues(queries, { row, seed, metric });
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const levels = Object.keys(rows).map((row) => {
    const each = Array.from({ length: seeds }, (_, seed) => ({
      mAP: level(row, seed, "mAP"),
      top1: level(row, seed, "top1"),
    }));
    return [row, each] as const;
  });
  return { result: resultOf(Object.fromEntries(levels)), queries };
}

describe("evidence from single queries", () => {
  const data = withQueries(
    {
      "old-old": (_, query) => (query % 2 === 0 ? 1 : 0),
      a: (seed, query) => ((query + seed) % 4 === 0 ? 0 : 1),
      b: (_, query) => (query % 5 === 0 ? 0 : 1),
    },
    2,
  );

  test("has the rows' own difference as its value, with an interval even over few seeds", () => {
    const [found] = evidenceOf([better("a", "b")], data);
    const [a, b] = (data.result as TableResult).rows.slice(1).map(({ metrics }) => metrics.mAP.mean);
    expect(found?.primary?.value).toBeCloseTo((a ?? 0) - (b ?? 0), 8);
    expect(found?.secondary?.numerators).toHaveLength(2);
    const one = withQueries({ a: (_, query) => query % 3 && 1, b: (_, query) => query % 2 }, 1);
    const [alone] = evidenceOf([better("a", "b")], one);
    const [low = Number.NaN, high = Number.NaN] = (alone?.primary && interval(alone.primary)) ?? [];
    expect(low).toBeLessThan(high);
  });

  test("counts queries that an update breaks, one by one", () => {
    const quantity = { kind: "negative flips", a: "a", b: "b", before: "old-old" } as const;
    const [found] = evidenceOf([{ quantity, expect: { kind: "near", value: 0 } }], data);
    const broken = (wrong: (query: number) => boolean): number =>
      Array.from({ length: 40 }, (_, query) => query).filter((query) => query % 2 === 0 && wrong(query)).length;
    [0, 1].forEach((seed) => {
      const difference = broken((query) => (query + seed) % 4 === 0) - broken((query) => query % 5 === 0);
      expect(found?.primary?.numerators[seed]).toBeCloseTo((100 * difference) / 40, 8);
    });
    expect(found?.secondary).toBeNull();
  });

  test("takes measures by seed, and the mean of a single one", () => {
    const quantity = { kind: "multiple", measure: "speed", a: "a", b: "b" } as const;
    const details = (values: readonly number[]) => ({ speed: { mean: 2, sd: null, n: values.length, values } });
    const rows = [resultRow("a", around(1, 2), details([30, 50])), resultRow("b", around(1, 2), details([3, 4]))];
    const result = { ...resultOf({ a: around(1, 2) }), rows };
    const [found] = evidenceOf([{ quantity, expect: { kind: "above", value: 10 } }], { result, queries: null });
    expect(found?.primary?.numerators).toEqual([10, 12.5]);
    const bare = rows.map((row) => ({ ...row, details: { speed: { mean: 6, sd: null, n: 1 } } }));
    const [single] = evidenceOf([{ quantity, expect: { kind: "above", value: 10 } }], {
      result: { ...result, rows: bare },
      queries: null,
    });
    expect(single?.primary?.value).toBe(1);
    expect(() =>
      evidenceOf([{ quantity: { ...quantity, measure: "x" }, expect: { kind: "above", value: 1 } }], data),
    ).toThrow(/measure of row a in table main: expected x/);
  });
});
