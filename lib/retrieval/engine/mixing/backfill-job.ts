import { classMembers, largestClass, matchesOf } from "../../../core/class-members";
import type { ScoredRow } from "../scores/block";
import type { HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import { type MixedOrder, mixedSearch } from "./mixed-gallery";
import { rankInMixtures } from "./mixed-ranks";

/** A backfilling curve, as every thread that takes part in it is given it. */
export interface BackfillJob {
  readonly kind: "backfill";
  /** The rows before and after their replacement, by position. */
  readonly gallery: HeldGallery;
  readonly next: HeldGallery;
  readonly order: MixedOrder;
  /** The label at each position. */
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
  readonly excludeSelf: boolean;
  /**
   * The results, in memory that all threads see: [queries x points] rank of the nearest relevant
   * item, 0 for a query without one, and average precision.
   */
  readonly firstMatch: Int32Array;
  readonly averagePrecision: Float64Array;
}

/** Handles the rows of two whole searches of the same queries, before and after the replacement. */
export function backfillJob(
  memory: ScoreMemory,
  job: BackfillJob,
): (before: ScoredRow, after: ScoredRow | null) => void {
  const { order, queryLabels, excludeSelf, firstMatch, averagePrecision } = job;
  const members = classMembers(job.labels);
  const search = mixedSearch(memory, order, job, largestClass(members));
  const points = order.cuts.length;
  return (before, after) => {
    if (after === null) throw new Error("a backfilling curve takes the rows of two searches");
    const { query } = before;
    const excluded = excludeSelf ? (order.positions[query] as number) : -1;
    const matches = matchesOf(members, queryLabels[query] as number, excluded);
    if (matches.length === 0) return;
    const ranks = rankInMixtures(search, { rows: [before, after], matches, excluded });
    firstMatch.set(ranks.firstMatch, query * points);
    averagePrecision.set(ranks.averagePrecision, query * points);
  };
}
