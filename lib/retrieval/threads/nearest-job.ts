import { exclude, type ScoredRow } from "../scores/block";
import { exactDistances, type HeldGallery } from "../scores/exact-distances";
import { lowestScore, type ScoreMemory } from "../scores/memory";

/** A search for the nearest as every thread that takes part in it gets it. */
export interface NearestJob extends FoundNearest {
  readonly kind: "nearest";
  readonly gallery: HeldGallery;
}

/** What is asked of a search for the nearest, and what was found; all threads see the answers. */
export interface FoundNearest {
  /** How many are asked for; the gallery has as many. */
  readonly k: number;
  /** For each query a gallery row to leave out, or -1. */
  readonly excluded: Int32Array;
  /** [queries x k] Gallery rows, the nearest first, equal distances in gallery order. */
  readonly items: Int32Array;
  /** [queries x k] Their squared distances, exact in 64 bits. */
  readonly squaredDistances: Float64Array;
  /** 1 for each query that has too many about equally near items to hold, and no answer yet. */
  readonly crowded: Uint8Array;
}

/** How many scores are kept for a query: all that may be among its k nearest, as far as the gallery was searched, and as many to come. */
export function roomFor(k: number, galleryRows: number): number {
  return Math.min(4 * k + 64, galleryRows + 16);
}

/** Takes the rows of a search by parts, those of every `threads`-th place; a query is answered after its last part. */
export function nearestJob(
  memory: ScoreMemory,
  { gallery, k, excluded, items, squaredDistances, crowded }: NearestJob,
  mostPlaces: number,
  threads: number,
): (row: ScoredRow) => void {
  const { nearest, prune, bound } = memory.routines;
  const room = roomFor(k, gallery.rows);
  const places = Math.ceil(mostPlaces / threads);
  const keptScores = memory.reserve(places * (room + 16));
  const keptItems = memory.reserve(places * (room + 16));
  const exact = exactDistances(memory, gallery, room);
  const counts = new Int32Array(places);
  const bounds = new Float32Array(places);
  return (row) => {
    const { query, first, scores, weight, margin } = row;
    const place = Math.floor(row.place / threads);
    if (first === 0) {
      counts[place] = 0;
      bounds[place] = lowestScore;
      crowded[query] = 0;
    }
    if (crowded[query] === 1) return;
    const at = 4 * place * (room + 16);
    const kept = [keptScores + at, keptItems + at] as const;
    // What is among the k nearest is at most the margin below its place, and the k-th by scores at most that above.
    const slack = (2.02 * margin) / weight;
    exclude(row, excluded[query] as number);
    const [held, least] = [counts[place] as number, bounds[place] as number];
    const count = nearest(row.address, scores.length, first, ...kept, held, room, k, slack, least);
    counts[place] = count;
    bounds[place] = bound.value;
    if (count < 0) crowded[query] = 1;
    else if (first + scores.length === gallery.rows) {
      const candidates = memory.integers(kept[1], prune(...kept, count, k, slack));
      const distances = exact.ascending(row.asked, candidates);
      items.set(candidates.subarray(0, k), query * k);
      squaredDistances.set(distances.subarray(0, k), query * k);
    }
  };
}
