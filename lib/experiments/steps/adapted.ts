import { learnAdapter } from "../../adapters/learn";
import { openTransformation, type Transformation } from "../../adapters/open-transformation";
import { matrixSource } from "../../adapters/pairs/pairs";
import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { type Matrix, selectRows } from "../../core/matrix";
import { directions } from "../../retrieval/input";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import { learnedRows } from "../../training/transformation-data";
import { describe } from "../model/describe";
import { type Adapted, endsOf } from "../model/model";
import { embeddingArtifact, embeddingsIn } from "./artifacts";
import { adapterCost, transformationSlowness } from "./cost";
import { trainingViews } from "./image-training";

/**
 * The weights of an adapter, as `fct learn` keeps them. Facts: "pairs", how many it learned from;
 * "losses" and "heldOutLosses" of each epoch and "bestEpoch", the one whose weights they are, if it
 * is trained by epochs; "bytes", the size of the weights without the spaces' fingerprints.
 */
export function adapterOf(model: Adapted): Request {
  return request(learn, model);
}

const learn: Step<Adapted> = {
  kind: "adapter",
  version: 1,
  inputs: ({ old, target, side, recipe }) =>
    [old, target, ...(side === null ? [] : [side])].map((model) => trainingViews(model, target, recipe)),
  label: describe,
  cost: adapterCost,
  slowness: () => transformationSlowness,
  run: async (model, inputs, context) => {
    const { recipe } = model;
    const [old, target, side] = inputs.map((input) => learnedOf(embeddingsIn(input), recipe)) as [
      Matrix,
      Matrix,
      Matrix?,
    ];
    const [from, to] = recipe.direction === "gallery" ? [old, target] : [target, old];
    const { views, share: _, ...options } = recipe;
    const { weights, training, learnedPairs } = await learnAdapter(
      {
        pairs: {
          from: matrixSource("from", from),
          side: side === undefined ? null : matrixSource("side", side),
          to: matrixSource("to", to),
        },
        views,
        ...options,
      },
      context,
    );
    return { arrays: weights, facts: { pairs: learnedPairs, bytes: bytesOf(weights), ...training } };
  },
};

/** The rows of the share of the images that an adapter learns from. */
function learnedOf(embeddings: Matrix, { share, views, seed }: Adapted["recipe"]): Matrix {
  return selectRows(embeddings, learnedRows({ share, views, seed }, embeddings.rows));
}

function bytesOf(weights: Artifact["arrays"]): number {
  const own = Object.entries(weights).filter(([name]) => !name.startsWith("space."));
  return own.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
}

/** The adapter with weights of `adapterOf`; it must be disposed of. */
export function openedAdapter(weights: Artifact | undefined): Transformation {
  return openTransformation(weights?.arrays ?? {}, "the adapter's weights");
}

/**
 * What an adapter makes of the embeddings that it maps and their side-information, divided by its
 * length where the space's own embeddings are.
 */
export function adaptedEmbeddings(model: Adapted, [weights, from, side]: readonly Artifact[]): Artifact {
  const adapter = openedAdapter(weights);
  try {
    const inputs = { old: embeddingsIn(from), side: side === undefined ? null : embeddingsIn(side) };
    const { embeddings, logVariance } = adapter.mapAll(inputs);
    const onSphere = normalisesEmbeddings(endsOf(model).to.recipe);
    return embeddingArtifact(onSphere ? directions(embeddings, "adapted embeddings") : embeddings, logVariance);
  } finally {
    adapter.dispose();
  }
}
