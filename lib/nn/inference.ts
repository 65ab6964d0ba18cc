import type { NamedArrays } from "../core/named-arrays";
import type { Tensors } from "../tf/gradients";
import type { tf } from "../tf/tensorflow";
import { foldedResnet, foldNorms } from "./fold-norms";
import { type Architecture, embeddings } from "./network";
import { evaluation } from "./pass";

/** A network in evaluation mode. */
export interface Inference {
  readonly weights: NamedArrays;
  /** Embeddings [batch, embedding] of `images` [batch, height, width, 3] from those weights as tensors. */
  readonly embeddings: (weights: Tensors, images: tf.Tensor4D) => tf.Tensor2D;
}

/** A trained network as it embeds fastest: a ResNet with its normalisations folded into the convolutions. */
export function inference(architecture: Architecture, weights: NamedArrays): Inference {
  if (architecture.kind === "resnet") {
    return {
      weights: foldNorms(architecture, weights),
      embeddings: (folded, images) => foldedResnet(architecture, folded, images),
    };
  }
  return { weights, embeddings: (tensors, images) => embeddings(architecture, evaluation(tensors), images) };
}
