import { type Request, request, type Step } from "../core/step";
import { type DatasetRecipe, loadDataset } from "../data/load-dataset";
import { embedImages, mapEmbeddings } from "../training/embed";
import { embeddingCost, embeddingNeeds, imageCounts, multiplicationsOf } from "./cost";
import { describe } from "./describe";
import { embeddingArtifact, embeddingsOf } from "./embedding-artifact";
import type { Chain, ImageModel, Model, Upgrade } from "./model";
import { network, trained } from "./training-steps";

/** The embeddings of a dataset's test split: see embeddingArtifact. */
export function embedded(model: Model, dataset: DatasetRecipe): Request {
  switch (model.kind) {
    case "upgrade":
      return request(map, { model, dataset });
    case "chain":
      return request(mapAgain, { model, dataset });
    default:
      return request(embedTest, { model, dataset });
  }
}

interface Embedding<M extends Model> {
  readonly model: M;
  readonly dataset: DatasetRecipe;
}

const embedTest: Step<Embedding<ImageModel>> = {
  kind: "embed",
  version: 1,
  inputs: ({ model }) => [trained(model)],
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => embeddingCost(model, imageCounts(dataset).test),
  needs: ({ model, dataset }) => embeddingNeeds(model, imageCounts(dataset).test),
  run: async ({ model, dataset }, [weights], context) => {
    const { test } = await loadDataset(dataset);
    return embeddingArtifact(await embedImages(network(model, weights), test, null, context));
  },
};

const map: Step<Embedding<Upgrade>> = {
  kind: "map",
  version: 1,
  inputs: ({ model, dataset }) => {
    return [trained(model), embedded(model.old, dataset), embedded(model.side ?? model.old, dataset)];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => imageCounts(dataset).test * multiplicationsOf(model),
  run: async ({ model }, [weights, old, side]) => {
    const stored = { old: embeddingsOf(old), side: embeddingsOf(side) };
    const { embeddings, logVariance } = mapEmbeddings(model.recipe, weights?.arrays ?? {}, stored);
    return embeddingArtifact(embeddings, logVariance);
  },
};

const mapAgain: Step<Embedding<Chain>> = {
  kind: "map again",
  version: 1,
  inputs: ({ model: { first, then }, dataset }) => {
    const mapped = embedded(first, dataset);
    return [trained(then), mapped, then.side === null ? mapped : embedded(then.side, dataset)];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => imageCounts(dataset).test * multiplicationsOf(model.then),
  run: async ({ model }, [weights, mapped, side]) => {
    const stored = { old: embeddingsOf(mapped), side: embeddingsOf(side) };
    const { embeddings, logVariance } = mapEmbeddings(model.then.recipe, weights?.arrays ?? {}, stored);
    return embeddingArtifact(embeddings, logVariance);
  },
};
