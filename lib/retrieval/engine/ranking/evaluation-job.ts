import { classMembers, largestClass, matchesOf } from "../../../core/class-members";
import { type PerQuery, setMetrics } from "../../metrics/query-metrics";
import type { ScoredRow } from "../scores/block";
import type { HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryMetrics,
  queryState,
  searchedPart,
  sortThresholds,
} from "./rank-matches";

/** An evaluation, as every thread that takes part in it is given it. */
export interface EvaluationJob {
  readonly kind: "evaluation";
  readonly gallery: HeldGallery;
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
  readonly excludeSelf: boolean;
  /** The results, in memory that all threads see. */
  readonly perQuery: PerQuery;
}

/** Handles the rows of a search by parts; a query is ranked after its last part. */
export function evaluationJob(memory: ScoreMemory, job: EvaluationJob): (row: ScoredRow) => void {
  const { gallery, queryLabels, excludeSelf, perQuery } = job;
  const members = classMembers(job.labels);
  const part = searchedPart(memory, gallery, largestClass(members));
  const states = new Map<number, QueryState>();
  const begin = (row: ScoredRow): void => {
    const { query } = row;
    const excluded = excludeSelf ? query : -1;
    const state = queryState(matchesOf(members, queryLabels[query] as number, excluded), excluded);
    if (state === null) return;
    measureMatches(state, row, part);
    sortThresholds(state);
    states.set(query, state);
  };
  return (row) => {
    if (row.first === 0) begin(row);
    const state = states.get(row.query);
    if (state === undefined) return;
    countRow(state, row, part);
    if (row.first + row.scores.length < gallery.rows) return;
    setMetrics(perQuery, row.query, queryMetrics(state));
    states.delete(row.query);
  };
}
