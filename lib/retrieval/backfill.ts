import { unexpected, wholeNumber } from "../core/check";
import type { Matrix } from "../core/matrix";
import { type MixedRankings, rankMixtures, type SearchOptions } from "./engine/search";
import { checkReplacement, checkRetrievalInput, distanceSpace, noRelevantItem, type RetrievalInput } from "./input";

/** A gallery that is replaced row by row while it is searched. */
interface BackfillInput extends RetrievalInput {
  /** The gallery's items embedded by the new model. */
  readonly next: Matrix;
  /** Gallery rows in the order of their replacement: each exactly once. */
  readonly order: Int32Array;
  /** The number of mixed galleries to evaluate, the untouched and the replaced one included. */
  readonly points?: number;
}

/** One value for each mixed gallery, from none replaced to all; their mean is the area under it. */
export interface BackfillCurve {
  /** Share of the gallery that is replaced, in [0, 1]. */
  readonly shares: number[];
  /** In [0, 1], as are the next two: to the bit what `evaluateRetrieval` gives. */
  readonly top1: number[];
  readonly top5: number[];
  readonly mAP: number[];
}

/** A curve, and what each query finds on it. */
export interface BackfillResult extends BackfillCurve {
  readonly perQuery: BackfillPerQuery;
}

/**
 * Retrieval while the gallery's rows are replaced by `next` in the given order: at point i of
 * `points` the first floor(i * rows / (points - 1)) are replaced. Costs about four evaluations,
 * however many points there are. "perQuery" averages over the points what the curve averages over
 * the queries. Throws RangeError on input without meaning.
 */
export function backfillCurve(input: BackfillInput, options: SearchOptions = {}): BackfillResult {
  const rankings = mixedRankings(input, options);
  const curve = curveOf(rankings, { rows: input.order.length, queries: input.query.rows });
  return { ...curve, perQuery: perQueryOf(rankings) };
}

/** The metrics of every query, means over the points of the curve: [queries]. */
export interface BackfillPerQuery {
  /** In [0, 1], as are the next two; NaN for a skipped query. */
  readonly top1: Float64Array;
  readonly top5: Float64Array;
  readonly averagePrecision: Float64Array;
}

function perQueryOf({ replaced, firstMatch, averagePrecision }: MixedRankings): BackfillPerQuery {
  const points = replaced.length;
  const means = (valueAt: (place: number) => number): Float64Array =>
    Float64Array.from({ length: firstMatch.length / points }, (_, query) => {
      const from = query * points;
      if (firstMatch[from] === 0) return Number.NaN;
      let sum = 0;
      for (let place = from; place < from + points; place++) sum += valueAt(place);
      return sum / points;
    });
  const within = (k: number) => means((place) => ((firstMatch[place] as number) <= k ? 1 : 0));
  return {
    top1: within(1),
    top5: within(5),
    averagePrecision: means((place) => averagePrecision[place] as number),
  };
}

function mixedRankings(input: BackfillInput, options: SearchOptions): MixedRankings {
  const { labels, queryLabels = labels, excludeSelf = false, distance = "l2", points = 22, order } = input;
  checkBackfillInput({ ...input, queryLabels, excludeSelf, distance, points });
  const search = {
    gallery: distanceSpace(input.gallery, distance, "gallery"),
    next: distanceSpace(input.next, distance, "next"),
    query: distanceSpace(input.query, distance, "query"),
    labels,
    queryLabels,
    excludeSelf,
    order,
    points,
  };
  return rankMixtures(search, options);
}

function checkBackfillInput({ next, order, points, ...input }: Required<BackfillInput>): void {
  checkRetrievalInput(input);
  checkReplacement(next, input.gallery);
  wholeNumber("points", points, { least: 2 });
  checkOrder(order, input.gallery.rows);
}

function checkOrder(order: Int32Array, rows: number): void {
  if (order.length !== rows)
    throw unexpected("order", `each of ${rows} gallery rows exactly once`, `${order.length} items`);
  const seen = new Uint8Array(rows);
  order.forEach((item, place) => {
    if (!(item >= 0 && item < rows) || seen[item] === 1) {
      throw unexpected(`order[${place}]`, `each of 0 to ${rows - 1} exactly once`, item);
    }
    seen[item] = 1;
  });
}

function curveOf(rankings: MixedRankings, size: { readonly rows: number; readonly queries: number }): BackfillCurve {
  const sums = sumsOf(rankings);
  if (sums.queries === 0) throw noRelevantItem(size.queries);
  const means = (values: Float64Array): number[] => Array.from(values, (sum) => sum / sums.queries);
  return {
    shares: Array.from(rankings.replaced, (count) => count / size.rows),
    top1: means(sums.top1),
    top5: means(sums.top5),
    mAP: means(sums.averagePrecision),
  };
}

/** Sums over the queries that are not skipped: [points]. */
interface Sums {
  readonly queries: number;
  readonly top1: Float64Array;
  readonly top5: Float64Array;
  readonly averagePrecision: Float64Array;
}

function sumsOf({ replaced, firstMatch, averagePrecision }: MixedRankings): Sums {
  const points = replaced.length;
  const [top1, top5, precisions] = [new Float64Array(points), new Float64Array(points), new Float64Array(points)];
  let queries = 0;
  for (let from = 0; from < firstMatch.length; from += points) {
    if (firstMatch[from] === 0) continue;
    queries++;
    for (let point = 0; point < points; point++) {
      const rank = firstMatch[from + point] as number;
      top1[point] = (top1[point] as number) + (rank <= 1 ? 1 : 0);
      top5[point] = (top5[point] as number) + (rank <= 5 ? 1 : 0);
      precisions[point] = (precisions[point] as number) + (averagePrecision[from + point] as number);
    }
  }
  return { queries, top1, top5, averagePrecision: precisions };
}
