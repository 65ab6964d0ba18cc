import { type Request, request, type Step } from "../../core/artifacts/step";
import { loadDataset } from "../../data/load-dataset";
import { backfillPerQuery } from "../../retrieval/backfill";
import { backfillOrder } from "../../retrieval/backfill-order";
import { evaluateRetrieval } from "../../retrieval/evaluate";
import { describe } from "../model/describe";
import { dimensionsOf } from "../model/model";
import { packedQueries, queriesOfTable } from "../results/query-results";
import { embeddingsIn } from "./artifacts";
import { searchCost } from "./cost";
import { type Evaluation, evaluationOf, orderOf } from "./evaluation";

// Steps of their own, so that evaluations keep the keys that they had before single queries were
// kept. Where an evaluation is cached, only the search is done again.

/** A row of a table for one seed. */
interface SeedRow extends Evaluation {
  readonly id: string;
  readonly seed: number;
}

/** What every query of all rows and seeds of a table finds, as `queriesOfTable` keeps it. */
export function queryResultsOf(rows: readonly SeedRow[]): Request {
  return request(
    collect,
    rows.map(({ id, seed, query, gallery, dataset, backfill }) => {
      const evaluation = { query, gallery, dataset, ...(backfill === undefined ? {} : { backfill }) };
      return { id, seed, evaluation };
    }),
  );
}

const collect: Step<readonly { readonly id: string; readonly seed: number; readonly evaluation: Evaluation }[]> = {
  kind: "queries",
  version: 1,
  inputs: (rows) => rows.map(({ evaluation }) => request(search, evaluation)),
  label: (rows) => `results of every query of ${rows.length} rows`,
  cost: () => 0,
  run: async (rows, inputs) =>
    queriesOfTable(
      inputs.map((results, index) => ({ row: rows[index]?.id ?? "", seed: rows[index]?.seed ?? 0, results })),
    ),
};

const search: Step<Evaluation> = {
  kind: "search",
  version: 1,
  inputs: (evaluation) => evaluationOf(evaluation).inputs,
  label: ({ query, gallery }) => `${describe(query)} searching ${describe(gallery)}, query by query`,
  cost: ({ query, dataset, backfill }) => (backfill === undefined ? 1 : 4) * searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset, backfill }, [queries, gallery, next]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const input = { query: embeddingsIn(queries), gallery: embeddingsIn(gallery), labels, excludeSelf: true };
    if (backfill === undefined) return packedQueries(labels, hitsOf(evaluateRetrieval(input).perQuery));
    const both = { gallery: input.gallery, next: embeddingsIn(next) };
    const order = backfillOrder(labels.length, orderOf(backfill, gallery, both, labels));
    const { averagePrecision: mAP, ...hits } = backfillPerQuery({ ...input, ...both, order });
    return packedQueries(labels, { ...hits, mAP });
  },
};

function hitsOf({
  firstMatch,
  averagePrecision: mAP,
}: ReturnType<typeof evaluateRetrieval>["perQuery"]): Parameters<typeof packedQueries>[1] {
  const within = (k: number): Float64Array => Float64Array.from(firstMatch, (rank) => (rank > 0 && rank <= k ? 1 : 0));
  return { top1: within(1), top5: within(5), mAP };
}
