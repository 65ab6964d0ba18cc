import { unexpected } from "../../core/check";
import { inPieces } from "../engine/search";
import { meansOf, type RetrievalResult } from "../evaluate";
import { setMetrics, unranked } from "../metrics/query-metrics";
import { type Ranking, rankingOf } from "../rank";
import { mergedNearest } from "./nearest-lists";
import { type MeasuredShard, relevantItems } from "./relevant-items";
import type { CountedShard } from "./shard-search";

/** What all shards of a gallery have told, in their order. */
export interface SearchedShards {
  readonly measured: readonly MeasuredShard[];
  readonly counted: readonly CountedShard[];
  /** The numbers of nearest items that measures are of; shards searched for the largest. */
  readonly ks: readonly number[];
}

/**
 * The result of evaluateRetrieval, or of rankGallery if the nearest items were searched for, of the
 * whole gallery, to the bit: counts of whole numbers add up, and every metric follows from these.
 * Throws RangeError if a shard is missing, or if no query has a relevant item.
 */
export function mergeShards({ measured, counted, ks }: SearchedShards): {
  readonly result: RetrievalResult;
  readonly ranking: Ranking | null;
} {
  if (counted.length !== measured.length || measured.length === 0) {
    throw unexpected("counted shards", `${measured.length} like the measured ones, at least one`, counted.length);
  }
  const relevant = relevantItems(measured);
  const perQuery = unranked(relevant.length, (bytes) => new ArrayBuffer(bytes));
  let first = 0;
  relevant.forEach(({ distances }, index) => {
    const end = first + distances.length;
    const sums = sumsOf(counted, first, end);
    if (end > first) setMetrics(perQuery, index, inPieces.metrics(distances, sums));
    first = end;
  });
  const result = meansOf(perQuery);
  if (ks.length === 0) return { result, ranking: null };
  return {
    result,
    ranking: rankingOf(result, ks, listsOf(counted, relevant, ks), (q) => relevant[q]?.items.length ?? 0),
  };
}

function sumsOf(
  counted: readonly CountedShard[],
  first: number,
  end: number,
): { counts: Uint32Array; shifts: Int32Array } {
  const counts = new Uint32Array(end - first);
  const shifts = new Int32Array(end - first);
  for (const shard of counted) {
    for (let k = first; k < end; k++) {
      counts[k - first] = (counts[k - first] as number) + (shard.counts[k] as number);
      shifts[k - first] = (shifts[k - first] as number) + (shard.shifts[k] as number);
    }
  }
  return { counts, shifts };
}

function listsOf(
  counted: readonly CountedShard[],
  relevant: ReturnType<typeof relevantItems>,
  ks: readonly number[],
): Ranking["lists"] {
  return relevant.map(({ items: matches }, index) => {
    const lists = counted.flatMap(({ nearest }) => nearest?.[index] ?? []);
    const { items, squaredDistances } = mergedNearest(lists, Math.max(...ks));
    const isRelevant = new Set(matches);
    return {
      items,
      distances: squaredDistances.map(Math.sqrt),
      hits: Uint8Array.from(items, (item) => Number(isRelevant.has(item))),
    };
  });
}
