import type { Matrix } from "../core/matrix";
import { type Distance, distanceSpace, distances } from "./input";
import { averagePrecision, precisionAtR, type QueryMetrics } from "./metrics/query-metrics";
import { squaredDistance } from "./metrics/squared-distance";

/** L2 or cosine distance, or the dot product, of which the largest is nearest. */
export type Similarity = Distance | "dot";
export const similarities: readonly Similarity[] = [...distances, "dot"];

/** What a search finds for one query. */
export interface Answer {
  /** Null for a query without a relevant item. */
  readonly metrics: QueryMetrics | null;
  readonly relevant: number;
  /** The nearest gallery rows, nearest first, and how near they are. */
  readonly items: Int32Array;
  /** Distances, or dot products. */
  readonly distances: Float64Array;
}

/** Which gallery rows are right answers, and which may not be given. */
export interface Judgement {
  readonly isRelevant: (query: number, item: number) => boolean;
  readonly isExcluded: (query: number, item: number) => boolean;
}

interface ExhaustiveSearch extends Judgement {
  readonly gallery: Matrix;
  readonly query: Matrix;
  readonly distance: Similarity;
  /** The number of nearest rows to give, at most. */
  readonly k: number;
}

/**
 * Compares each query with every gallery row, in 64 bits: for judgements and similarities that the
 * engine does not know. Equal distances stand in gallery order, and are one threshold in average
 * precision. Takes time by the product of both sides.
 */
export function* exhaustiveAnswers(search: ExhaustiveSearch): Generator<Answer, void, undefined> {
  const { gallery, isRelevant, isExcluded, k } = search;
  const distanceTo = measure(search);
  const near = new Float64Array(gallery.rows);
  for (let q = 0; q < search.query.rows; q++) {
    const allowed: number[] = [];
    const relevant: number[] = [];
    for (let item = 0; item < gallery.rows; item++) {
      if (isExcluded(q, item)) continue;
      near[item] = distanceTo(q, item);
      allowed.push(item);
      if (isRelevant(q, item)) relevant.push(item);
    }
    const items = nearest(allowed, near, k);
    yield {
      metrics:
        relevant.length === 0
          ? null
          : ranked(relevant, allowed, { distances: near, isRelevant: (i) => isRelevant(q, i) }),
      relevant: relevant.length,
      items,
      distances: Float64Array.from(items, (item) => shown(near[item] as number, search.distance)),
    };
  }
}

/** A number that grows with the distance of a gallery row from a query. */
function measure({ gallery, query, distance }: ExhaustiveSearch): (q: number, item: number) => number {
  if (distance === "dot") return (q, item) => -dotProduct(query, q, gallery, item);
  const [rows, asked] = [distanceSpace(gallery, distance, "gallery"), distanceSpace(query, distance, "query")];
  return (q, item) => squaredDistance(asked, q, rows, item);
}

/** In 64 bits, one addition after the other. */
function dotProduct(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let c = 0; c < a.columns; c++)
    sum += (a.data[i * a.columns + c] as number) * (b.data[j * b.columns + c] as number);
  return sum;
}

function shown(distance: number, kind: Similarity): number {
  return kind === "dot" ? -distance : Math.sqrt(distance);
}

interface Measured {
  readonly distances: Float64Array;
  readonly isRelevant: (item: number) => boolean;
}

function ranked(relevant: number[], allowed: readonly number[], { distances, isRelevant }: Measured): QueryMetrics {
  const at = (item: number): number => distances[item] as number;
  relevant.sort((a, b) => at(a) - at(b) || a - b);
  const thresholds = Float64Array.from(relevant, at);
  const counts = new Uint32Array(relevant.length);
  const before = new Uint32Array(relevant.length);
  for (const item of allowed) {
    if (isRelevant(item)) continue;
    const place = firstWhere(relevant.length, (m) => (thresholds[m] as number) >= at(item));
    if (place === relevant.length) continue;
    counts[place] = (counts[place] as number) + 1;
    // Among equal distances the item with the smaller index comes first.
    const isBehind = (m: number): boolean =>
      (thresholds[m] as number) > at(item) || (thresholds[m] === at(item) && (relevant[m] as number) > item);
    const rank = firstWhere(relevant.length, isBehind);
    if (rank < relevant.length) before[rank] = (before[rank] as number) + 1;
  }
  return {
    firstMatch: 1 + (before[0] as number),
    averagePrecision: averagePrecision(thresholds, counts),
    ...precisionAtR(before),
  };
}

/** The first of `count` places at which `holds`, which then holds at all later ones. */
function firstWhere(count: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The k items of least distance, equal distances in gallery order; `allowed` ascends. */
function nearest(allowed: readonly number[], distances: Float64Array, k: number): Int32Array {
  const kept: number[] = [];
  for (const item of allowed) {
    const distance = distances[item] as number;
    if (kept.length === k && distance >= (distances[kept[k - 1] as number] as number)) continue;
    const place = firstWhere(kept.length, (i) => (distances[kept[i] as number] as number) > distance);
    kept.splice(place, 0, item);
    if (kept.length > k) kept.pop();
  }
  return Int32Array.from(kept);
}
