import { exclude, type ScoredRow } from "../scores/block";
import { type ExactDistances, exactDistances, type HeldGallery } from "../scores/exact-distances";
import { lowestScore, type ScoreMemory } from "../scores/memory";

/** A search for the nearest rows, as every thread that takes part in it is given it. */
export interface NearestJob extends FoundNearest {
  readonly kind: "nearest";
  readonly gallery: HeldGallery;
}

/** What a search for the nearest is asked and what it has found; all threads see the answers. */
export interface FoundNearest {
  /** The number of rows to find for each query; the gallery has that many. */
  readonly k: number;
  /** For each query a gallery row to leave out, or -1. */
  readonly excluded: Int32Array;
  /** [queries x k] Gallery rows, nearest first, equal distances in gallery order. */
  readonly items: Int32Array;
  /** [queries x k] Their squared distances, exact in 64 bits. */
  readonly squaredDistances: Float64Array;
  /** 1 for each query with too many items at about one distance to hold; it has no answer yet. */
  readonly crowded: Uint8Array;
}

/**
 * The number of scores that are kept for a query: all that may be among its k nearest in what has
 * been searched so far, and the next ones before they are pruned.
 */
export function roomFor(k: number, galleryRows: number): number {
  return Math.min(4 * k + 64, galleryRows + 16);
}

/** Which rows of a block a thread handles: every `threads`-th of up to `queries`. */
interface Share {
  readonly queries: number;
  readonly threads: number;
}

/** Handles the rows of a search by parts; a query is answered after its last part. */
export function nearestJob(memory: ScoreMemory, job: NearestJob, share: Share): (row: ScoredRow) => void {
  const kept = keptScores(memory, job, Math.ceil(share.queries / share.threads));
  return (row) => {
    const place = Math.floor(row.place / share.threads);
    if (row.first === 0) {
      kept.counts[place] = 0;
      kept.bounds[place] = lowestScore;
      job.crowded[row.query] = 0;
    }
    if (job.crowded[row.query] === 1) return;
    const count = keepNearest(memory, job, kept, { row, place });
    if (count < 0) job.crowded[row.query] = 1;
    else if (row.first + row.scores.length === job.gallery.rows) answer(memory, job, kept, { row, place });
  };
}

/** The scores that are kept for the queries of a block. */
interface KeptScores {
  /** The most scores of a query. */
  readonly room: number;
  /** Addresses of the scores and of their gallery rows. */
  readonly scores: number;
  readonly items: number;
  /** For each query how many are kept, and the least score that is still looked at. */
  readonly counts: Int32Array;
  readonly bounds: Float32Array;
  readonly exact: ExactDistances;
}

function keptScores(memory: ScoreMemory, { gallery, k }: NearestJob, places: number): KeptScores {
  const room = roomFor(k, gallery.rows);
  return {
    room,
    scores: memory.reserve(places * (room + 16)),
    items: memory.reserve(places * (room + 16)),
    exact: exactDistances(memory, gallery, room),
    counts: new Int32Array(places),
    bounds: new Float32Array(places),
  };
}

/** A row, and the place of its query among those that this thread keeps scores for. */
interface PlacedRow {
  readonly row: ScoredRow;
  readonly place: number;
}

/**
 * Keeps what may be among the nearest; returns the number of kept scores, or -1 if too many are.
 */
function keepNearest(memory: ScoreMemory, job: NearestJob, kept: KeptScores, { row, place }: PlacedRow): number {
  const { nearest, bound } = memory.routines;
  const { address, first, scores } = row;
  const at = addressOf(kept, place);
  exclude(row, job.excluded[row.query] as number);
  const [held, least] = [kept.counts[place] as number, kept.bounds[place] as number];
  const [toScores, toItems] = [kept.scores + at, kept.items + at];
  const slack = slackOf(row);
  const count = nearest(address, scores.length, first, toScores, toItems, held, kept.room, job.k, slack, least);
  kept.counts[place] = count;
  kept.bounds[place] = bound.value;
  return count;
}

/** Measures what is kept for a query and enters its k nearest. */
function answer(memory: ScoreMemory, job: NearestJob, kept: KeptScores, { row, place }: PlacedRow): void {
  const { k, items, squaredDistances } = job;
  const { query } = row;
  const at = addressOf(kept, place);
  const held = kept.counts[place] as number;
  const left = memory.routines.prune(kept.scores + at, kept.items + at, held, k, slackOf(row));
  const candidates = memory.integers(kept.items + at, left);
  const distances = kept.exact.ascending(row, candidates);
  items.set(candidates.subarray(0, k), query * k);
  squaredDistances.set(distances.subarray(0, k), query * k);
}

function addressOf({ room }: KeptScores, place: number): number {
  return 4 * place * (room + 16);
}

/**
 * How far below the k-th largest score a nearest item may be: its own score may be a margin too
 * low, and the k-th largest a margin too high.
 */
function slackOf({ margin, weight }: ScoredRow): number {
  return (2.02 * margin) / weight;
}
