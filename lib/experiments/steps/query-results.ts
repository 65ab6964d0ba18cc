import { type Request, request, type Step } from "../../core/artifacts/step";
import { moreQueries } from "../results/more-queries";
import { joinedQueries, queriesOfTable } from "../results/query-results";
import type { TableResult } from "../results/result";
import { type Evaluation, evaluationIn, evaluationOf } from "./evaluation";

/** A row of a table for one seed. */
interface SeedRow extends Evaluation {
  readonly id: string;
  readonly seed: number;
}

/** What every query of all rows and seeds of a table finds, as `queriesOfTable` keeps it. */
export function queryResultsOf(rows: readonly SeedRow[]): Request {
  return request(collect, collected(rows));
}

/** The results of every query of a committed result, and of further rows with other seeds. */
export function moreQueriesOf(kept: TableResult, rows: readonly SeedRow[]): Request {
  return collectMore(kept, collected(rows));
}

interface Collected {
  readonly id: string;
  readonly seed: number;
  readonly evaluation: Evaluation;
}

function collected(rows: readonly SeedRow[]): readonly Collected[] {
  return rows.map(({ id, seed, ...row }) => ({ id, seed, evaluation: evaluationIn(row) }));
}

const collect: Step<readonly Collected[]> = {
  kind: "queries",
  version: 2,
  inputs: (rows) => rows.map(({ evaluation }) => evaluationOf(evaluation)),
  label: (rows) => `results of every query of ${rows.length} rows`,
  cost: () => 0,
  run: async (rows, inputs) =>
    queriesOfTable(
      inputs.map(({ arrays: results }, index) => ({
        row: rows[index]?.id ?? "",
        seed: rows[index]?.seed ?? 0,
        results,
      })),
    ),
};

const collectMore = moreQueries(collect, joinedQueries);
