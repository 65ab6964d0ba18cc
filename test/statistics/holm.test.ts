import { describe, expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { seedsAlone } from "../../lib/statistics/cluster-sums";
import { estimatedMean } from "../../lib/statistics/estimate";
import { holmAdjusted } from "../../lib/statistics/holm";
import { seedsNeeded } from "../../lib/statistics/seeds-needed";

/** Which hypotheses Holm rejects at a level, as his paper tells it: the smallest first, until one stays. */
function rejected(pValues: readonly number[], level: number): readonly boolean[] {
  const left = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const stops = left.findIndex(({ p }, rank) => p > level / (pValues.length - rank));
  const gone = new Set(left.slice(0, stops < 0 ? left.length : stops).map(({ index }) => index));
  return pValues.map((_, index) => gone.has(index));
}

describe("holmAdjusted", () => {
  test("rejects what stepping down by hand rejects", () => {
    const stream = random("holm");
    for (let i = 0; i < 200; i++) {
      const pValues = Array.from({ length: 1 + stream.integer(8) }, () => stream.uniform() ** 4);
      const level = stream.uniform(0.01, 0.2);
      expect(holmAdjusted(pValues).map((p) => p <= level)).toEqual(rejected(pValues, level));
    }
  });

  test("is the textbook's example, and nothing of nothing", () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe("seedsNeeded", () => {
  test("is ((1.96 + 0.84) sd / distance)^2, more than there are, and unknown for one seed", () => {
    const estimated = estimatedMean(seedsAlone([0, 1, 2]), null);
    expect(seedsNeeded(estimated, 0.5)).toBe(Math.ceil((2.8016 / 0.5) ** 2));
    expect(seedsNeeded(estimated, 100)).toBe(4);
    expect(seedsNeeded(estimated, 0)).toBeNull();
    expect(seedsNeeded(estimatedMean(seedsAlone([1]), null), 1)).toBeNull();
  });
});
