import { expect, test } from "vitest";
import { random } from "../../../../lib/core/random";
import { inScoreMemory } from "../../../../lib/retrieval/engine/kept/between-searches";
import { binsOf, countScores, reserveBins } from "../../../../lib/retrieval/engine/scores/bins";

/** Counts scores as the engine does; distance is 9 - 2 * score. */
function counted(scores: Float32Array, thresholds: readonly number[], margin: number) {
  return inScoreMemory((memory) => {
    const room = reserveBins(memory, scores.length, thresholds.length);
    const address = memory.reserve(scores.length);
    memory.floats(address, scores.length).set(scores);
    const bins = binsOf(room, Float64Array.from(thresholds), margin);
    const counts = new Uint32Array(thresholds.length);
    const range = { address, first: 1000, length: scores.length };
    const undecided = countScores(bins, range, { offset: 9, weight: 2, margin }, counts);
    return { counts: [...counts], undecided: [...undecided].map((item) => item - 1000) };
  });
}

/** Each item by itself: beyond all, near a threshold, or between two. */
function naive(scores: Float32Array, thresholds: readonly number[], margin: number) {
  const counts = thresholds.map(() => 0);
  const near: number[] = [];
  scores.forEach((score, j) => {
    const distance = 9 - 2 * score;
    const k = thresholds.findIndex((t) => distance <= t);
    if (thresholds.some((t) => Math.abs(distance - t) <= margin)) near.push(j);
    if (k >= 0) counts[k] = (counts[k] ?? 0) + 1;
  });
  return { counts, near };
}

test.each([1, 2, 3, 17, 5003])(
  "%i scores: what is near a threshold is undecided, the rest is counted where it belongs",
  (length) => {
    const stream = random(length, "bins");
    const margin = 0.01;
    for (const thresholds of [[3], [1, 2, 3, 4, 4.01], Array.from({ length: 200 }, (_, k) => 1 + k / 40)]) {
      const scores = Float32Array.from({ length }, () => stream.uniform(-1, 5));
      scores[0] = (9 - (thresholds.at(-1) ?? 0)) / 2;
      scores.fill(Number.NEGATIVE_INFINITY, 4, 8);
      const { counts, undecided } = counted(scores, thresholds, margin);
      const twin = naive(scores, thresholds, margin);
      expect(new Set(undecided)).toEqual(new Set([...undecided, ...twin.near]));
      expect(undecided).toEqual([...new Set(undecided)]);
      const settled = naive(
        Float32Array.from(undecided, (j) => scores[j] ?? 0),
        thresholds,
        margin,
      ).counts;
      expect(counts.map((count, k) => count + (settled[k] ?? 0))).toEqual(twin.counts);
      // A threshold leaves little more open than its margin on both sides.
      expect(undecided.length).toBeLessThanOrEqual(
        scores.filter((s) => thresholds.some((t) => Math.abs(9 - 2 * s - t) <= 1.2 * margin)).length,
      );
    }
  },
);
