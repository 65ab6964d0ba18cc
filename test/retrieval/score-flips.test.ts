import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inconsistency, scoreFlips } from "../../lib/retrieval/score-flips";

describe("flips of scores", () => {
  test("by hand, as in MUSCLE's definition of D", () => {
    const { negative, positive, meanGain, meanRegression } = scoreFlips({
      before: [0.5, 0.25, 1, 0, 0.5],
      after: [0.75, 0.25, 0.5, 1, 0.25],
    });
    expect([negative, positive]).toEqual([2 / 5, 2 / 5]);
    expect([meanGain, meanRegression]).toEqual([(0.25 + 1) / 2, (0.5 + 0.25) / 2]);
  });

  test("of right and wrong answers are counts of broken and mended ones, and add up to the change of accuracy", () => {
    const answers = fc.array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 })), { minLength: 1 });
    fc.assert(
      fc.property(answers, (pairs) => {
        const [before, after] = [pairs.map(([old]) => old), pairs.map(([, now]) => now)];
        const found = scoreFlips({ before, after });
        const count = (old: number, now: number): number => pairs.filter(([a, b]) => a === old && b === now).length;
        expect(found.negative).toBe(count(1, 0) / pairs.length);
        expect(found.positive).toBe(count(0, 1) / pairs.length);
        expect([0, 1]).toContain(found.meanGain);
        const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(found.positive - found.negative).toBeCloseTo(mean(after) - mean(before), 12);
      }),
      { seed: 1 },
    );
  });

  test("turn round with the update", () => {
    const [before, after] = [
      [0.1, 0.4, 0.9],
      [0.3, 0.2, 0.9],
    ];
    const [there, back] = [scoreFlips({ before, after }), scoreFlips({ before: after, after: before })];
    expect([back.positive, back.negative]).toEqual([there.negative, there.positive]);
    expect([back.meanGain, back.meanRegression]).toEqual([there.meanRegression, there.meanGain]);
    expect(scoreFlips({ before, after: before })).toEqual({
      negative: 0,
      positive: 0,
      meanGain: 0,
      meanRegression: 0,
    });
  });

  test("refuse no scores, and not as many after as before", () => {
    expect(() => scoreFlips({ before: [], after: [] })).toThrow(/scores after an update: expected 1, .* got 0/);
    expect(() => scoreFlips({ before: [1, 0], after: [1] })).toThrow(/expected 2, .* got 1/);
  });
});

test("an answer is inconsistent if it is wrong and another than before", () => {
  const right = ["a", "a", "a", "a", "a"];
  const before = ["a", "b", "b", "a", "b"];
  const after = ["b", "b", "c", "a", "a"];
  expect(inconsistency({ before, after, right })).toBe(2 / 5);
  expect(inconsistency({ before: after, after, right })).toBe(0);
});
