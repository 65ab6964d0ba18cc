import { classMembers, largestClass, matchesOf } from "./class-members";
import type { HeldGallery } from "./exact-distances";
import { type PerQuery, setRanking } from "./per-query";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryState,
  rankingOf,
  searchedPart,
  sortThresholds,
} from "./rank-matches";
import type { ApproximateRow } from "./score-block";
import type { ScoreMemory } from "./score-memory";

/** An evaluation as every thread that takes part in it gets it. */
export interface EvaluationJob {
  readonly kind: "evaluation";
  readonly gallery: HeldGallery;
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
  readonly excludeSelf: boolean;
  /** Where the rankings go. */
  readonly perQuery: PerQuery;
}

/** Takes the rows of a search by parts; a query is ranked when its last part is counted. */
export function evaluateRows(memory: ScoreMemory, job: EvaluationJob): (row: ApproximateRow) => void {
  const { gallery, queryLabels, excludeSelf, perQuery } = job;
  const members = classMembers(job.labels);
  const part = searchedPart(memory, gallery, largestClass(members));
  const states = new Map<number, QueryState>();
  const begin = ({ query, asked }: ApproximateRow): void => {
    const excluded = excludeSelf ? query : -1;
    const state = queryState(matchesOf(members, queryLabels[query] as number, excluded), excluded);
    if (state === null) return;
    measureMatches(state, asked, part);
    sortThresholds(state);
    states.set(query, state);
  };
  return (row) => {
    if (row.first === 0) begin(row);
    const state = states.get(row.query);
    if (state === undefined) return;
    countRow(state, row, part);
    if (row.first + row.scores.length < gallery.rows) return;
    setRanking(perQuery, row.query, rankingOf(state));
    states.delete(row.query);
  };
}
