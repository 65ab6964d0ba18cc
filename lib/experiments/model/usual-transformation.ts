import type { BackboneRecipe } from "../../training/backbone";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import type { TransformationRecipe } from "../../training/transformation";

/** What the recipe of h adds to the published one at the quick scale. */
export const quickTransformation: Pick<TransformationRecipe, "inner" | "views" | "schedule" | "batchSize"> = {
  inner: 512,
  views: 4,
  schedule: { learningRate: 1e-3, epochs: 30, warmup: 5 },
  batchSize: 512,
};

/** The official optimizer of h, and its share of epochs in evaluation mode. */
export const publishedTransformation: Pick<TransformationRecipe, "optimizer" | "frozenNormShare"> = {
  optimizer: { kind: "adam", weightDecay: 2 ** -15 },
  frozenNormShare: 0.5,
};

/** The recipe of an h to a target, unless one is named; its seed is the target's. */
export function usualTransformation(target: Pick<BackboneRecipe, "loss" | "seed">): TransformationRecipe {
  const shared = { ...publishedTransformation, ...quickTransformation, seed: target.seed };
  return normalisesEmbeddings(target) ? { ...shared, loss: { kind: "cosine" } } : shared;
}
