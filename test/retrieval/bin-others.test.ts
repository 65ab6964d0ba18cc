import { expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { binOthers, type Cells } from "../../lib/retrieval/bin-others";

const slack = 0.02;

/** Thresholds 1 .. 4 and 4.01 in half cells, by hand: the last two overlap. */
function cells(thresholds: readonly number[], low: number, scale: number, count: number): Cells {
  const lower = Float64Array.from(thresholds, (t) => (t - slack - low) * scale);
  const upper = Float64Array.from(thresholds, (t) => (t + slack - low) * scale);
  const touches = (cell: number) => (_: number, k: number) => (lower[k] ?? 0) < cell + 1 && (upper[k] ?? 0) >= cell;
  const bins = Int32Array.from({ length: count }, (_, cell) => {
    const first = thresholds.findIndex(touches(cell));
    return first >= 0 ? ~first : thresholds.filter((_, k) => (upper[k] ?? 0) < cell).length;
  });
  upper[upper.length - 1] = Number.POSITIVE_INFINITY;
  return { low, scale, lower, upper, bins };
}

/** Each item by itself: beyond all, within the slack of a threshold, or in the bin of the first threshold above. */
function naiveBins(distances: readonly number[], thresholds: readonly number[], end: number) {
  const counts = thresholds.map(() => 0);
  const undecided: number[] = [];
  distances.forEach((distance, j) => {
    if (!(distance < end)) return;
    const bin = thresholds.findIndex((t) => distance <= t + slack);
    if (bin < 0 || distance >= (thresholds[bin] ?? 0) - slack) undecided.push(j);
    else counts[bin] = (counts[bin] ?? 0) + 1;
  });
  return { counts, undecided };
}

test.each([1, 2, 3])("counts as its naive twin does, seed %i", (seed) => {
  const stream = random(seed, "bins");
  const thresholds = [1, 2, 3, 4, 4.01];
  const low = 1 - slack;
  const end = 4.01 + slack;
  const count = 8;
  const norms = Float64Array.from({ length: 5000 }, () => stream.uniform(2, 9));
  const products = Float32Array.from(norms, () => stream.uniform(0, 2));
  products.fill(Number.NEGATIVE_INFINITY, 100, 200);
  const distances = Array.from(norms, (norm, j) => norm - 2 * (products[j] ?? 0));
  const counts = new Uint32Array(5);
  const undecided = new Int32Array(5000);
  const grid = cells(thresholds, low, count / (end - low), count);
  const pending = binOthers({ products, norms, weight: 2 }, grid, counts, undecided);
  const twin = naiveBins(distances, thresholds, end);
  expect([...counts]).toEqual(twin.counts);
  expect([...undecided.subarray(0, pending)]).toEqual(twin.undecided);
  expect(Math.min(...twin.counts.slice(0, 4), twin.undecided.length)).toBeGreaterThan(10);
});

test("leaves out what is taken out of the row, even at weight 0", () => {
  const counts = new Uint32Array(1);
  const row = { products: Float32Array.of(Number.NEGATIVE_INFINITY, 0), norms: Float64Array.of(0, 0), weight: 0 };
  expect(binOthers(row, cells([1], 1 - slack, 100, 4), counts, new Int32Array(2))).toBe(0);
  expect([...counts]).toEqual([1]);
});
