import { type Request, request, type Step, type StepContext } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { sizeOf } from "../../data/dataset-size";
import type { DatasetRecipe } from "../../data/load-dataset";
import { directions } from "../../retrieval/input";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import { embedImages, mapEmbeddings } from "../../training/embed";
import { describe } from "../model/describe";
import { type Adapted, type Chain, endsOf, type ImageModel, type Model, type Upgrade } from "../model/model";
import { adaptedEmbeddings } from "./adapted";
import { embeddingArtifact, embeddingsIn } from "./artifacts";
import { adapterMultiplications, embeddingCost, embeddingNeeds, multiplicationsOf } from "./cost";
import { listening, network, readDataset, roundingOf } from "./image-training";
import { sideComponentsOf, storedSide, trainingOf } from "./training";

/**
 * The embeddings of a dataset's test split, in the form of `embeddingArtifact`. An image model
 * needs its weights; an upgrade needs h and the embeddings that h maps.
 */
export function embeddingOf(model: Model, dataset: DatasetRecipe): Request {
  switch (model.kind) {
    case "upgrade":
      return request(normalisesEmbeddings(model.target.recipe) ? mapToSphere : map, { model, dataset });
    case "adapted":
      return request(adapt, { model, dataset });
    case "chain":
      return request(mapAgain, { model, dataset });
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return request(embedTest, { model, dataset, ...roundingOf(model) });
  }
}

interface Embedding<M extends Model> {
  readonly model: M;
  readonly dataset: DatasetRecipe;
}

const embedTest: Step<Embedding<ImageModel>> = {
  kind: "embed",
  version: 1,
  inputs: ({ model }) => [trainingOf(model)],
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => embeddingCost(model, sizeOf(dataset).test),
  needs: ({ model, dataset }) => embeddingNeeds(model, sizeOf(dataset).test),
  run: async ({ model, dataset }, [weights], context) => {
    const { test } = await readDataset(dataset, context);
    return embeddingArtifact(await embedImages(network(model, weights), test, null, listening(context, model.recipe)));
  },
};

const map: Step<Embedding<Upgrade>> = {
  kind: "map",
  version: 1,
  inputs: ({ model, dataset }) => {
    const stored = [model.old, model.side ?? model.old].map((each) => embeddingOf(each, dataset));
    return [trainingOf(model), ...stored, ...sideComponentsOf(model)];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => sizeOf(dataset).test * multiplicationsOf(model),
  run: async ({ model }, inputs, context) => upgraded(model, inputs, context),
};

/** The same work for a target that was trained on directions; it keeps a key of its own. */
const mapToSphere: Step<Embedding<Upgrade>> = { ...map, kind: "map to sphere" };

const adapt: Step<Embedding<Adapted>> = {
  kind: "adapt",
  version: 1,
  inputs: ({ model, dataset }) => {
    const embeddings = [endsOf(model).from, ...(model.side === null ? [] : [model.side])];
    return [trainingOf(model), ...embeddings.map((each) => embeddingOf(each, dataset))];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => sizeOf(dataset).test * adapterMultiplications(model),
  run: async ({ model }, inputs) => adaptedEmbeddings(model, inputs),
};

const mapAgain: Step<Embedding<Chain>> = {
  kind: "map again",
  version: 1,
  inputs: ({ model: { first, then }, dataset }) => {
    const once = embeddingOf(first, dataset);
    const side = then.side === null ? once : embeddingOf(then.side, dataset);
    return [trainingOf(then), once, side, ...sideComponentsOf(then)];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model, dataset }) => sizeOf(dataset).test * multiplicationsOf(model.then),
  run: async ({ model }, inputs, context) => upgraded(model.then, inputs, context),
};

/**
 * What h makes of old embeddings and side-information. For a target that was trained on directions
 * it is divided by its length, as the target's own embeddings are.
 */
function upgraded(model: Upgrade, inputs: readonly Artifact[], context: StepContext): Artifact {
  const { recipe, target } = model;
  const [weights, old, side] = inputs;
  const stored = { old: embeddingsIn(old), side: storedSide(model, embeddingsIn(side), inputs) };
  const { embeddings, logVariance } = mapEmbeddings(recipe, weights?.arrays ?? {}, stored, listening(context, recipe));
  const onSphere = normalisesEmbeddings(target.recipe);
  return embeddingArtifact(onSphere ? directions(embeddings, "upgraded gallery") : embeddings, logVariance);
}
