import { type AffineMap, gelu, geluByTanh, layerNorm, rmsNorm } from "../../nn/networks/transformer-blocks";
import { tf } from "../../tf/tensorflow";
import type { Tensors } from "../../tf/tensors";
import type { RotaryPositions } from "./rotary";

/** In what a decoder of another program differs from this library's own, which is like GPT-2. */
export interface DecoderForm {
  readonly norm: { readonly kind: "layer" | "rms"; readonly epsilon: number };
  /** A block's network and its hidden features; "swiglu" is arXiv 2002.05202's. */
  readonly network: { readonly kind: "gelu" | "gelu-by-tanh" | "swiglu"; readonly hidden: number };
  /** Heads of keys and values, a divisor of the heads of queries. */
  readonly keyHeads: number;
  /** These take the place of learned positions. */
  readonly rotary: RotaryPositions;
  /** Whether attention and network of a block read the same tokens instead of one the other's. */
  readonly parallel: boolean;
  /** Whether logits are by the embeddings of the tokens; else by weights "unembedding". */
  readonly tied: boolean;
}

/** Rows of `x` normalised by the weights called `name`. */
export function normed(form: DecoderForm | undefined, weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  if (form === undefined) return layerNorm(weights, name, x);
  const { kind, epsilon } = form.norm;
  return kind === "rms" ? rmsNorm(weights, name, x, epsilon) : layerNorm(weights, name, x, epsilon);
}

/** How a block's network is computed. */
interface NetworkPass {
  readonly form: DecoderForm | undefined;
  readonly weights: Tensors;
  readonly map: AffineMap;
}

/** The network of the block called `name`, after its norm: [rows, width] to the same shape. */
export function blockNetwork({ form, weights, map }: NetworkPass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const expanded = map(weights, `${name}.expand`, x);
  const contracted = (hidden: tf.Tensor2D): tf.Tensor2D => map(weights, `${name}.contract`, hidden);
  switch (form?.network.kind) {
    case undefined:
    case "gelu":
      return contracted(gelu(expanded));
    case "gelu-by-tanh":
      return contracted(geluByTanh(expanded));
    case "swiglu": {
      const gate = map(weights, `${name}.gate`, x);
      return contracted(tf.mul(tf.mul(gate, tf.sigmoid(gate)), expanded));
    }
  }
}
