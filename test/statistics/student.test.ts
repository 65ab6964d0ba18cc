import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { seedsAlone } from "../../lib/statistics/cluster-sums";
import { estimatedMean, interval, pAbove, pBelow, pWithin } from "../../lib/statistics/estimate";
import { studentCdf, studentQuantile } from "../../lib/statistics/student";

type Triple = readonly [number, number, number];

interface Golden {
  readonly cdf: readonly Triple[];
  readonly quantile: readonly Triple[];
  readonly samples: readonly {
    readonly values: readonly number[];
    readonly interval: readonly [number, number];
    readonly above: number;
    readonly below: number;
    readonly within: number;
  }[];
}

// By make_golden.py, with SciPy.
const golden: Golden = JSON.parse(readFileSync(join(__dirname, "statistics.golden.json"), "utf8"));

describe("Student's t", () => {
  test("has SciPy's distribution function and quantiles", () => {
    for (const [t, freedom, expected] of golden.cdf) {
      expect(Math.abs(studentCdf(t, freedom) - expected), `${t}, ${freedom}`).toBeLessThan(1e-12);
    }
    for (const [share, freedom, expected] of golden.quantile) {
      expect(Math.abs(studentQuantile(share, freedom) / (expected || 1) - (expected === 0 ? 0 : 1))).toBeLessThan(1e-9);
    }
  });

  test("refuses what has no meaning", () => {
    expect(() => studentCdf(1, 0)).toThrow(/degrees of freedom.*0/);
    expect(() => studentQuantile(1, 3)).toThrow(/between 0 and 1.*1/);
  });
});

describe("tests over the seeds", () => {
  test.each(golden.samples)(
    "are SciPy's for $values.length seeds",
    ({ values, interval: expected, above, below, within }) => {
      const estimated = estimatedMean(seedsAlone(values), null);
      const [low, high] = interval(estimated) ?? [Number.NaN, Number.NaN];
      expect(low).toBeCloseTo(expected[0], 9);
      expect(high).toBeCloseTo(expected[1], 9);
      expect(pAbove(estimated, -0.5)).toBeCloseTo(above, 10);
      expect(pBelow(estimated, 0.5)).toBeCloseTo(below, 10);
      expect(pWithin(estimated, 0, 0.5)).toBeCloseTo(within, 10);
    },
  );
});
