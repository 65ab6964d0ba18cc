import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Matrix } from "../../core/matrix";
import type { DatasetRecipe } from "../../data/load-dataset";
import { neighbourRecall } from "../../retrieval/neighbour-recall";
import { describe } from "../model/describe";
import { dimensionsOf } from "../model/model";
import { embeddingsIn } from "./artifacts";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";
import type { Pair } from "./evaluation";

/** A search, and the one whose neighbours it should find. */
interface Neighbours {
  readonly own: Pair;
  readonly found: Pair;
  readonly dataset: DatasetRecipe;
}

/**
 * Fact "neighbourRecall": of the 10 nearest items that each query finds in the search `own`, the
 * percentage that it finds among its 10 nearest in the search `found`.
 */
export function neighboursOf(value: Neighbours): Request {
  return request(neighbours, value);
}

const nearest = 10;

const neighbours: Step<Neighbours> = {
  kind: "neighbours",
  version: 1,
  inputs: ({ own, found, dataset }) =>
    [own.query, own.gallery, found.query, found.gallery].map((model) => embeddingOf(model, dataset)),
  label: ({ found }) => `neighbours that ${describe(found.query)} finds in ${describe(found.gallery)}`,
  cost: ({ own, dataset }) => 2 * searchCost(dataset, dimensionsOf(own.query)),
  run: async (_, inputs) => {
    const [query, gallery, foundQuery, foundGallery] = inputs.map(embeddingsIn) as [Matrix, Matrix, Matrix, Matrix];
    const own = { query, gallery };
    const found = { query: foundQuery, gallery: foundGallery };
    return { arrays: {}, facts: { neighbourRecall: 100 * neighbourRecall(own, found, nearest) } };
  },
};
