import { unexpected, wholeNumber } from "../core/check";
import { classMembers } from "../core/class-members";
import { type Matrix, matrix } from "../core/matrix";
import { random } from "../core/random";
import { checkEmbeddings, checkLabels, checkReplacement } from "./input";
import { squaredDistance } from "./metrics/squared-distance";

/** Which items of a gallery are replaced first. */
export type BackfillOrder =
  /** At random; `permutation` numbers the orders of a seed, 0 by default. */
  | { readonly kind: "random"; readonly seed: number; readonly permutation?: number }
  /** Largest predicted log variance first (FastFill, arXiv 2303.04766): [items]. */
  | { readonly kind: "uncertainty"; readonly logVariance: Float32Array }
  /** Largest score first, whatever it says of an item: [items]. */
  | { readonly kind: "score"; readonly score: Float32Array }
  /**
   * Largest distance |gallery - next| first, which is known only once everything is replaced. It
   * bounds no other order: what hurts retrieval is not distance alone.
   */
  | { readonly kind: "true-distance"; readonly gallery: Matrix; readonly next: Matrix }
  /** Farthest in L2 distance from the mean of its class in the gallery first. */
  | { readonly kind: "class-mean"; readonly gallery: Matrix; readonly labels: ArrayLike<number> };

/**
 * The `items` gallery rows in the order of their replacement, equal scores in gallery order. Throws
 * RangeError unless there is one finite score for each item, and on numbers that are not whole.
 */
export function backfillOrder(items: number, order: BackfillOrder): Int32Array {
  wholeNumber("items", items, { least: 0 });
  switch (order.kind) {
    case "random":
      return randomOrder(items, order);
    case "uncertainty":
      return descending(items, order.logVariance, "logVariance");
    case "score":
      return descending(items, order.score, "score");
    case "true-distance":
      return descending(items, errors(order.gallery, order.next), "gallery");
    case "class-mean":
      return descending(items, distancesToMeans(order.gallery, order.labels), "gallery");
  }
}

function randomOrder(
  items: number,
  { seed, permutation = 0 }: { readonly seed: number; readonly permutation?: number },
): Int32Array {
  wholeNumber("seed", seed, { least: 0 });
  wholeNumber("permutation", permutation, { least: 0 });
  return random(seed, "backfill order", ...(permutation === 0 ? [] : [permutation])).permutation(items);
}

function descending(items: number, scores: Float32Array | Float64Array, name: string): Int32Array {
  if (scores.length !== items) throw unexpected(name, `${items} items`, scores.length);
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0) throw unexpected(`${name}[${wrong}]`, "a finite number", scores[wrong]);
  const order = Int32Array.from(scores, (_, i) => i);
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

/** Squared L2 distance of each row to its counterpart: the order of the distances. */
function errors(gallery: Matrix, next: Matrix): Float64Array {
  checkEmbeddings("gallery", gallery);
  checkReplacement(next, gallery);
  return Float64Array.from({ length: gallery.rows }, (_, i) => squaredDistance(gallery, i, next, i));
}

/** Squared L2 distance of each row to the mean of its class, the mean rounded to 32 bits. */
function distancesToMeans(gallery: Matrix, labels: ArrayLike<number>): Float64Array {
  checkEmbeddings("gallery", gallery);
  checkLabels("labels", labels, "gallery", gallery);
  const distances = new Float64Array(gallery.rows);
  for (const members of classMembers(labels).values()) {
    const mean = meanRow(gallery, members);
    for (const item of members) distances[item] = squaredDistance(gallery, item, mean, 0);
  }
  return distances;
}

function meanRow({ columns, data }: Matrix, items: Int32Array): Matrix {
  const sums = new Float64Array(columns);
  for (const item of items) {
    for (let c = 0; c < columns; c++) sums[c] = (sums[c] as number) + (data[item * columns + c] as number);
  }
  return matrix(
    1,
    columns,
    Float32Array.from(sums, (sum) => sum / items.length),
  );
}
