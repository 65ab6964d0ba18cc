import type { NamedArrays } from "../../core/named-arrays";
import type { tf } from "../../tf/tensorflow";
import type { ValueSource } from "../initial";
import type { Pass } from "../pass";
import { type ConvolutionNet, convolutionNet, initialConvolutionNet } from "./convolution-net";
import { initialMobileNet, type MobileNet, mobilenet } from "./mobilenet";
import { initialResNet, type ResNet, resnet } from "./resnet";
import { initialVit, type VisionTransformer, vit } from "./vit";

/** A network from images to embeddings. */
export type Architecture = ResNet | ConvolutionNet | MobileNet | VisionTransformer;

/** Random starting weights by name. */
export function initialNetwork(architecture: Architecture, source: ValueSource): NamedArrays {
  switch (architecture.kind) {
    case "resnet":
      return initialResNet(architecture, source);
    case "convolution-net":
      return initialConvolutionNet(architecture, source);
    case "mobilenet":
      return initialMobileNet(architecture, source);
    case "vit":
      return initialVit(architecture, source);
  }
}

/** Embeddings [batch, embedding] of `images` [batch, height, width, 3]. */
export function embeddings(architecture: Architecture, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  switch (architecture.kind) {
    case "resnet":
      return resnet(architecture, pass, images);
    case "convolution-net":
      return convolutionNet(architecture, pass, images);
    case "mobilenet":
      return mobilenet(architecture, pass, images);
    case "vit":
      return vit(architecture, pass, images);
  }
}
