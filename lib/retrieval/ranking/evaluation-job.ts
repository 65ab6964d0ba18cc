import type { ScoredRow } from "../scores/block";
import type { HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import { classMembers, largestClass, matchesOf } from "./class-members";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryState,
  type Ranking,
  rankingOf,
  searchedPart,
  sortThresholds,
} from "./rank-matches";

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
export function evaluationJob(memory: ScoreMemory, job: EvaluationJob): (row: ScoredRow) => void {
  const { gallery, queryLabels, excludeSelf, perQuery } = job;
  const members = classMembers(job.labels);
  const part = searchedPart(memory, gallery, largestClass(members));
  const states = new Map<number, QueryState>();
  const begin = ({ query, asked }: ScoredRow): void => {
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

/** One entry a query row. */
export interface PerQuery {
  /** Rank of the nearest relevant item, from 1, equal distances in gallery order; 0 where skipped. */
  readonly firstMatch: Int32Array;
  /** In [0, 1]; not a number where skipped, as are the next two. */
  readonly averagePrecision: Float64Array;
  readonly rPrecision: Float64Array;
  readonly averagePrecisionAtR: Float64Array;
}

/** Entries of `queries` queries that are skipped until set; all threads of a search see them. */
export function unanswered(queries: number): PerQuery {
  const blank = (): Float64Array => new Float64Array(new SharedArrayBuffer(8 * queries)).fill(Number.NaN);
  return {
    firstMatch: new Int32Array(new SharedArrayBuffer(4 * queries)),
    averagePrecision: blank(),
    rPrecision: blank(),
    averagePrecisionAtR: blank(),
  };
}

/** Enters the ranking of one query. */
export function setRanking(perQuery: PerQuery, query: number, ranking: Ranking): void {
  perQuery.firstMatch[query] = ranking.firstMatch;
  perQuery.averagePrecision[query] = ranking.averagePrecision;
  perQuery.rPrecision[query] = ranking.rPrecision;
  perQuery.averagePrecisionAtR[query] = ranking.averagePrecisionAtR;
}
