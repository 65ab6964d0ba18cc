import { positive, wholeNumber } from "../../core/check";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import type { Random } from "../../core/random";
import { initialLinear } from "../../nn/initial";
import { affine } from "../../nn/linear";
import type { AffineMap } from "../../nn/networks/transformer-blocks";
import { toArrays, toTensors } from "../../nn/weights";
import { product } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { type DecoderSizes, decoderLayers } from "./decoder";

/**
 * A low-rank adapter (LoRA, arXiv 2106.09685) of every linear layer: x W + b becomes x W + b +
 * (alpha / rank) x A B. The paper has rank 128 and alpha 256.
 */
export interface AdapterSizes {
  readonly rank: number;
  readonly alpha: number;
}

/**
 * Starting weights of an adapter: of each layer `name`.down (A, [input, rank]), uniform within
 * ±1/sqrt(input), and `name`.up (B, [rank, output]), zeros: it changes nothing yet. Throws
 * RangeError on a rank below 1 or an alpha that is not above 0.
 */
export function initialAdapter(sizes: DecoderSizes, { rank, alpha }: AdapterSizes, source: Random): NamedArrays {
  wholeNumber("an adapter's rank", rank, { least: 1 });
  positive("an adapter's alpha", alpha);
  const layers = decoderLayers(sizes).map(({ name, input, output }) => ({
    [`${name}.down`]: initialLinear(source, input, rank),
    [`${name}.up`]: { shape: [rank, output], data: new Float32Array(rank * output) },
  }));
  return Object.assign({}, ...layers);
}

/** The linear layers of a decoder with an adapter of these weights. */
export function adaptedMap(adapter: Tensors, sizes: AdapterSizes): AffineMap {
  return (weights, name, x) => {
    const low = product(x, tensorNamed(adapter, `${name}.down`));
    const added = product(low, tensorNamed(adapter, `${name}.up`));
    return tf.add(affine(weights, name, x), tf.mul(added, sizes.alpha / sizes.rank));
  };
}

/** The weights of a decoder whose layers compute what `adaptedMap` does: W + (alpha / rank) A B. */
export function mergedWeights(
  weights: NamedArrays,
  adapter: NamedArrays,
  { decoder, adapter: { rank, alpha } }: { readonly decoder: DecoderSizes; readonly adapter: AdapterSizes },
): NamedArrays {
  const names = decoderLayers(decoder).map(({ name }) => name);
  const sums = tf.tidy(() => {
    const parts: Tensors = toTensors({ ...adapter, ...layersOf(weights, names) });
    const sum = (name: string): tf.Tensor => {
      const added = tf.matMul(tensorNamed(parts, `${name}.down`), tensorNamed(parts, `${name}.up`));
      return tf.add(tensorNamed(parts, `${name}.linear`), tf.mul(added, alpha / rank));
    };
    return Object.fromEntries(names.map((name) => [`${name}.linear`, sum(name)]));
  });
  const merged = toArrays(sums);
  tf.dispose({ ...sums });
  return { ...weights, ...merged };
}

function layersOf(weights: NamedArrays, names: readonly string[]): NamedArrays {
  return Object.fromEntries(names.map((name) => [`${name}.linear`, arrayNamed(weights, `${name}.linear`)]));
}
