import { approximateRows, blockBytes, type Embeddings } from "./approximate-rows";
import { exactDistances } from "./exact-distances";
import { lowestScore, scoreMemory } from "./score-memory";
import { exclude } from "./take-out";

/** Gallery rows among which the nearest of a query are for certain. */
export interface Candidates {
  readonly query: number;
  /** Views until the next are asked for; null where there are too many to hold. */
  readonly nearest: MeasuredItems | null;
}

/** Gallery rows, at least k, the nearest first and equal distances in gallery order. */
export interface MeasuredItems {
  readonly items: Int32Array;
  /** Exact, in 64 bits. */
  readonly squaredDistances: Float64Array;
}

/** Of a query whose candidates are too many. */
const crowded = -1;

/**
 * The candidates of every query for its `k` nearest gallery rows, of which there must be as many, in query order; `excludedOf` names a row to
 * leave out, or -1. Memory: a copy of the gallery, a block of scores, and as much again for what is kept of it.
 */
export function* nearestCandidates(
  { gallery, query }: Embeddings,
  k: number,
  excludedOf: (query: number) => number,
): Generator<Candidates, void, void> {
  const memory = scoreMemory();
  const { nearest, prune, bound } = memory.routines;
  const room = Math.min(4 * k + 64, gallery.rows + 16);
  const places = Math.min(query.rows, Math.max(1, Math.floor(blockBytes / (8 * room))));
  const keptScores = memory.reserve(places * (room + 16));
  const keptItems = memory.reserve(places * (room + 16));
  const exact = exactDistances(memory, { gallery, query }, room);
  const counts = new Int32Array(places);
  const bounds = new Float32Array(places);
  for (const row of approximateRows({ gallery, query }, memory, { mostQueries: places })) {
    const { first, scores, address, weight, margin } = row;
    const place = row.query % places;
    if (first === 0) {
      counts[place] = 0;
      bounds[place] = lowestScore;
    }
    const at = 4 * place * (room + 16);
    const kept = [keptScores + at, keptItems + at] as const;
    // What is among the k nearest is at most the margin below its place, and the k-th by scores at most that above.
    const slack = (2.02 * margin) / weight;
    exclude(row, excludedOf(row.query));
    let count = counts[place] as number;
    if (count !== crowded) {
      const least = bounds[place] as number;
      count = nearest(address, scores.length, first, ...kept, count, room, k, slack, least);
      counts[place] = count;
      bounds[place] = bound.value;
    }
    if (first + scores.length < gallery.rows) continue;
    if (count === crowded) yield { query: row.query, nearest: null };
    else {
      const items = memory.integers(kept[1], prune(...kept, count, k, slack));
      yield { query: row.query, nearest: { squaredDistances: exact.ascending(row.query, items), items } };
    }
  }
}
