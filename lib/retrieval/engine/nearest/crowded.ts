import { selectScaledRows } from "../../metrics/scaled-rows";
import { squaredDistance } from "../../metrics/squared-distance";
import { inScoreMemory } from "../kept/between-searches";
import { exclude, type ScoredRow } from "../scores/block";
import { type Sides, scoredRows } from "../scores/blocks";
import type { FoundNearest } from "./nearest-job";

/** Answers the queries with too many items at about one distance: every score is looked at. */
export function answerCrowded({ gallery, query }: Sides, found: FoundNearest): void {
  const queries = Int32Array.from(found.crowded.keys()).filter((index) => found.crowded[index] === 1);
  if (queries.length === 0) return;
  const sides = { gallery, query: selectScaledRows(query, queries) };
  const rough: Ascending = { values: new Float64Array(found.k), items: new Int32Array(found.k) };
  inScoreMemory((memory) => {
    for (const row of scoredRows(sides, memory, { whole: true })) {
      const asked = queries[row.query] as number;
      exclude(row, found.excluded[asked] as number);
      // A nearest item may seem a margin too far, and the k-th by scores a margin too near.
      measureUpTo(kthByScores(row, rough) + 2.02 * row.margin, sides, row, nearestOf(found, asked));
    }
  });
}

function nearestOf({ k, items, squaredDistances }: FoundNearest, query: number): Ascending {
  const own = [query * k, (query + 1) * k] as const;
  return { values: squaredDistances.subarray(...own), items: items.subarray(...own) };
}

/** The least values so far, ascending, and whose they are. */
interface Ascending {
  readonly values: Float64Array;
  readonly items: Int32Array;
}

/** The k-th smallest of offset - weight * scores[j]. */
function kthByScores({ scores, offset, weight }: ScoredRow, least: Ascending): number {
  const { values } = least;
  const last = values.length - 1;
  values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < scores.length; j++) {
    const value = offset - weight * (scores[j] as number);
    if (value < (values[last] as number)) insert(least, value, j);
  }
  return values[last] as number;
}

/** Measures every item whose approximate distance is at most `bound`, and keeps the nearest. */
function measureUpTo(bound: number, { gallery, query }: Sides, row: ScoredRow, nearest: Ascending): void {
  const { scores, offset, weight } = row;
  const last = nearest.values.length - 1;
  nearest.values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < scores.length; j++) {
    if (offset - weight * (scores[j] as number) > bound) continue;
    const distance = squaredDistance(query, row.query, gallery, j);
    if (distance < (nearest.values[last] as number)) insert(nearest, distance, j);
  }
}

/** Puts `value` behind those that are not larger; the last falls out. */
function insert({ values, items }: Ascending, value: number, item: number): void {
  let at = values.length - 1;
  for (; at > 0 && (values[at - 1] as number) > value; at--) {
    values[at] = values[at - 1] as number;
    items[at] = items[at - 1] as number;
  }
  values[at] = value;
  items[at] = item;
}
