import { describe, expect, test } from "vitest";
import { packedScores, type RowScores, sampleScores, scoresOf } from "../../../lib/experiments/language/sample-scores";
import { updateDetails, updateMeasures, updateSample } from "../../../lib/experiments/language/update-samples";
import { seedMeans } from "../../../lib/statistics/cluster-sums";

const answered = (answers: readonly string[], scores: readonly number[]) => ({
  answers,
  right: ["a", "a", "b", "b"],
  scores,
  ties: 1,
  cut: 0,
});
const before = answered(["a", "b", "b", "c"], [1, 0, 1, 0]);
const plain = answered(["b", "b", "a", "b"], [0, 0, 0, 1]);
const after = answered(["b", "a", "b", "a"], [0, 1, 1, 0]);

/** The rows of an update with one seed; answers as texts have scores between 0 and 1. */
function rowsOf(seed: number): readonly RowScores[] {
  const of = (row: string, own: typeof before): RowScores => ({ row, seed, ...sampleScores(before, own) });
  return [of("v1", before), of("v2", plain), of("muscle", after)];
}

const seeds = [0, 1];
const scores = packedScores(seeds.flatMap(rowsOf));
const row = { id: "muscle", before: "v1", next: "v2", isText: false };

describe("the scores of samples", () => {
  test("are kept as bits, or as floats if they are shares, and are read again", () => {
    const half = { row: "text", seed: 0, score: Float64Array.of(0.5, 1), inconsistent: Float64Array.of(1, 0) };
    const packed = packedScores([...rowsOf(3), half]);
    expect(packed.arrays["3/muscle/score"]?.data).toEqual(Int32Array.of(0b0110));
    expect(packed.arrays["0/text/score"]?.data).toBeInstanceOf(Float32Array);
    expect(scoresOf(packed, "muscle", 3)).toEqual(sampleScores(before, after));
    expect(scoresOf(packed, "text", 0).score).toEqual(half.score);
    expect(() => scoresOf(packed, "muscle", 4)).toThrow(/expected row muscle with seed 4, got none/);
  });
});

describe("the measures of an update", () => {
  test("are percentages and points, by hand", () => {
    const details = updateDetails({ scores, seeds }, row);
    const means = Object.fromEntries(Object.entries(details).map(([name, { mean }]) => [name, mean]));
    expect(means).toEqual({
      score: 50,
      scoreChange: 25,
      negative: 25,
      negativeChange: -25,
      positive: 25,
      inconsistent: 50,
    });
    expect(details.score).toMatchObject({ sd: 0, n: 2, values: [50, 50] });
    const [low = Number.NaN, high = Number.NaN] = details.negative?.interval ?? [];
    expect(low).toBeLessThan(high);
  });

  test("of texts are the sizes of rises and falls in place of other wrong answers", () => {
    const text = (own: string, ...score: number[]): RowScores => {
      return { row: own, seed: 0, score: Float64Array.from(score), inconsistent: new Float64Array(score.length) };
    };
    const texts = packedScores([text("v1", 0.5, 0.5, 1), text("v2", 1, 0.5, 0.75), text("muscle", 0.5, 1, 0.5)]);
    const details = updateDetails({ scores: texts, seeds: [0] }, { ...row, isText: true });
    expect(details.inconsistent).toBeUndefined();
    expect([details.meanGain?.mean, details.meanRegression?.mean]).toEqual([50, 50]);
    expect(details.score).toMatchObject({ sd: null, n: 1 });
    expect(details.score).not.toHaveProperty("values");
  });

  test("are listed for readers", () => {
    const listed = updateMeasures.map(({ id }) => id);
    expect(listed).toEqual(expect.arrayContaining(Object.keys(updateDetails({ scores, seeds }, row))));
  });

  test("have a share of v2's flips only where v2 certainly has some", () => {
    const many = Array.from({ length: 200 }, (_, i) => i);
    const of = (own: string, right: (i: number) => boolean): RowScores => {
      return {
        row: own,
        seed: 0,
        score: Float64Array.from(many, (i) => Number(right(i))),
        inconsistent: new Float64Array(200),
      };
    };
    const rows = [of("v1", () => true), of("v2", (i) => i % 4 !== 0), of("muscle", (i) => i % 8 !== 0)];
    const details = updateDetails({ scores: packedScores(rows), seeds: [0] }, row);
    expect(details.negativeRelative?.mean).toBeCloseTo(-50, 9);
    expect(updateDetails({ scores, seeds }, row).negativeRelative).toBeUndefined();
  });

  test("are added up by blocks of samples that lose none", () => {
    const sample = updateSample({ scores, seeds }, row, "positive");
    expect(seedMeans(sample)).toEqual([25, 25]);
    expect(sample.counts.reduce((sum, count) => sum + count, 0)).toBe(8);
  });
});
