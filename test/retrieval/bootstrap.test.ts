import { describe, expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { bootstrapMean } from "../../lib/retrieval/bootstrap";

function normalSample(name: string, size: number): Float64Array {
  const stream = random(name);
  return Float64Array.from({ length: size }, () => stream.normal());
}

describe("bootstrapMean", () => {
  test("comes near the normal interval of a large sample, at each level", () => {
    const values = normalSample("sample", 2000);
    const mean = values.reduce((a, b) => a + b, 0) / 2000;
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / 2000;
    for (const [level, quantile] of [
      [0.95, 1.96],
      [0.68, 0.994],
    ] as const) {
      const interval = bootstrapMean(values, { resamples: 2000, level, seed: 1 });
      expect(interval.mean).toBeCloseTo(mean, 12);
      expect(Math.abs((interval.high - mean) / error - quantile)).toBeLessThan(0.2);
      expect(Math.abs((mean - interval.low) / error - quantile)).toBeLessThan(0.2);
    }
  });

  test("covers the true mean about as often as it says", () => {
    const covered = Array.from({ length: 300 }, (_, i) => {
      const { low, high } = bootstrapMean(normalSample(`cover ${i}`, 40), { resamples: 200, level: 0.9, seed: i });
      return low <= 0 && 0 <= high ? 1 : 0;
    });
    const share = covered.reduce((a: number, b) => a + b, 0) / covered.length;
    expect(Math.abs(share - 0.9)).toBeLessThan(0.07);
  });

  test("is what sorting all resamples by hand gives", () => {
    const values = Float64Array.of(0, 1, 1, 5);
    const stream = random(3, "bootstrap");
    const means = Array.from({ length: 21 }, () => {
      let sum = 0;
      for (let i = 0; i < 4; i++) sum += values[stream.integer(4)] ?? 0;
      return sum / 4;
    }).sort((a, b) => a - b);
    const { low, high } = bootstrapMean(values, { resamples: 21, level: 0.8, seed: 3 });
    expect(low).toBeCloseTo(means[2] ?? Number.NaN, 12);
    expect(high).toBeCloseTo(means[18] ?? Number.NaN, 12);
  });

  test("leaves out skipped queries, and has no width if all agree", () => {
    const values = Float64Array.of(0.25, Number.NaN, 0.25, Number.NaN);
    expect(bootstrapMean(values, { seed: 1 })).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });

  test("is named by its seed", () => {
    const values = normalSample("seed", 50);
    expect(bootstrapMean(values, { seed: 5 })).toEqual(bootstrapMean(values, { seed: 5 }));
    expect(bootstrapMean(values, { seed: 5 })).not.toEqual(bootstrapMean(values, { seed: 6 }));
  });

  test("refuses what has no meaning", () => {
    const values = Float64Array.of(1, 2);
    expect(() => bootstrapMean(Float64Array.of(Number.NaN), { seed: 1 })).toThrow(/values: .* 1, got none/);
    expect(() => bootstrapMean(values, { seed: 1, resamples: 0 })).toThrow(/resamples: .* at least 1, got 0/);
    expect(() => bootstrapMean(values, { seed: 1, level: 95 })).toThrow(/level: .* 0 and 1, got 95/);
  });
});
