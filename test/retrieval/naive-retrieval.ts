import { type Matrix, row } from "../../lib/core/matrix";

/**
 * The definitions in plain loops over 64-bit distances: every query's distances are computed and
 * sorted.
 */
export function naiveRetrieval(
  gallery: Matrix,
  query: Matrix,
  labels: readonly number[],
  { queryLabels = labels, excludeSelf = true }: { queryLabels?: readonly number[]; excludeSelf?: boolean } = {},
): { readonly top1: number; readonly top5: number; readonly mAP: number; readonly skipped: number } {
  const ranks: number[] = [];
  const precisions: number[] = [];
  for (let q = 0; q < query.rows; q++) {
    const others = [...labels.keys()]
      .filter((item) => !(excludeSelf && item === q))
      .map((item) => ({ distance: squared(row(query, q), row(gallery, item)), right: labels[item] === queryLabels[q] }))
      .sort((a, b) => a.distance - b.distance);
    if (!others.some(({ right }) => right)) continue;
    ranks.push(others.findIndex(({ right }) => right) + 1);
    precisions.push(naiveAveragePrecision(others));
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    top1: mean(ranks.map((rank) => (rank <= 1 ? 1 : 0))),
    top5: mean(ranks.map((rank) => (rank <= 5 ? 1 : 0))),
    mAP: mean(precisions),
    skipped: query.rows - ranks.length,
  };
}

/**
 * scikit-learn's: sum over distinct distances of (recall gained) x (precision among all items at
 * most that far).
 */
function naiveAveragePrecision(items: readonly { readonly distance: number; readonly right: boolean }[]): number {
  const relevant = items.filter(({ right }) => right).length;
  let sum = 0;
  for (const threshold of new Set(items.map(({ distance }) => distance))) {
    const within = items.filter(({ distance }) => distance <= threshold);
    const gained = items.filter(({ distance, right }) => right && distance === threshold).length;
    sum += (gained / relevant) * (within.filter(({ right }) => right).length / within.length);
  }
  return sum;
}

function squared(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0);
}
