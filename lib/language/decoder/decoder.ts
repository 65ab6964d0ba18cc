import { unexpected, wholeNumber } from "../../core/check";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { embeddingRows } from "../../nn/embedding";
import { initialConstant, initialNormal, type ValueSource } from "../../nn/initial";
import { affine } from "../../nn/linear";
import { type AffineMap, attention, gelu, layerNorm } from "../../nn/networks/transformer-blocks";
import { multiplies } from "../../nn/tally";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";

/**
 * A decoder-only transformer: tokens and learned positions of `width` features, `depth` pre-norm
 * blocks of `heads` causal attention heads and a GELU network of four times the width, a last layer
 * norm, and logits by the embeddings of the tokens (tied).
 */
export interface DecoderSizes {
  readonly vocabulary: number;
  /** Tokens of the longest text. */
  readonly context: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
}

/** Hidden features of a block's two-layer network, for each feature of a token. */
const expansion = 4;
const deviation = 0.02;

/**
 * Throws RangeError for sizes that are not positive whole numbers, or a width that does not divide.
 */
function checkSizes(sizes: DecoderSizes): void {
  const { vocabulary, context, width, depth, heads } = sizes;
  for (const [name, size] of Object.entries({ vocabulary, context, width, depth, heads })) {
    wholeNumber(`a decoder's ${name}`, size, { least: 1 });
  }
  if (width % heads !== 0) throw unexpected("a decoder's width", `a multiple of its ${heads} heads`, width);
}

/** A linear layer: its name, and how many features it reads and gives. */
interface LinearLayer {
  readonly name: string;
  readonly input: number;
  readonly output: number;
}

/** Every linear layer of the blocks, in order; the tied embedding is none of them. */
export function decoderLayers({ depth, width }: DecoderSizes): readonly LinearLayer[] {
  const square = ["query", "key", "value", "output"].map((part) => ({
    part: `attention.${part}`,
    input: 1,
    output: 1,
  }));
  const parts = [
    ...square,
    { part: "expand", input: 1, output: expansion },
    { part: "contract", input: expansion, output: 1 },
  ];
  return Array.from({ length: depth }, (_, block) =>
    parts.map(({ part, input, output }) => ({
      name: `blocks.${block}.${part}`,
      input: input * width,
      output: output * width,
    })),
  ).flat();
}

/**
 * Random starting weights by name: normal with deviation 0.02, those that write to the stream of
 * tokens 1 / sqrt(2 depth) times that (GPT-2's rule); biases 0. Embeddings of tokens have the
 * deviation 1 / sqrt(width), so that the logits of a layer-normed state deviate by 1: with 0.02, a
 * narrow decoder that has trained for minutes cannot be sure of any but the commonest tokens, since
 * an adapter leaves embeddings and norms as they are. Throws RangeError on bad sizes.
 */
export function initialDecoderWeights(sizes: DecoderSizes, source: ValueSource): NamedArrays {
  checkSizes(sizes);
  const { vocabulary, context, width, depth } = sizes;
  const writing = deviation / Math.sqrt(2 * depth);
  const layers = decoderLayers(sizes).map(({ name, input, output }) => ({
    [`${name}.linear`]: initialNormal(source, [input, output], /(output|contract)$/.test(name) ? writing : deviation),
    [`${name}.bias`]: initialConstant(output, 0),
  }));
  const norms = Array.from({ length: depth }, (_, block) => [`blocks.${block}.norm1`, `blocks.${block}.norm2`]).flat();
  return Object.assign(
    {
      tokens: initialNormal(source, [vocabulary, width], 1 / Math.sqrt(width)),
      positions: initialNormal(source, [context, width], deviation),
    },
    ...layers,
    ...[...norms, "norm"].map((name) => initialLayerNorm(name, width)),
  );
}

function initialLayerNorm(name: string, width: number): Record<string, NamedArray> {
  return { [`${name}.scale`]: initialConstant(width, 1), [`${name}.offset`]: initialConstant(width, 0) };
}

/** Throws RangeError on a token that a decoder's vocabulary does not have, with its place. */
export function requireTokens({ vocabulary }: DecoderSizes, tokens: Int32Array): void {
  const place = tokens.findIndex((token) => !(token >= 0 && token < vocabulary));
  if (place < 0) return;
  const known = `one of the decoder's vocabulary, 0 to ${vocabulary - 1}; take the tokenizer that belongs to its weights`;
  throw unexpected(`token ${place + 1} of a text`, known, tokens[place]);
}

/** A way through a decoder: its sizes, its weights, and how its linear layers are computed. */
export interface DecoderPass {
  readonly sizes: DecoderSizes;
  readonly weights: Tensors;
  /** Plain x W + b by default; an adapter adds its own. */
  readonly map?: AffineMap;
}

/**
 * What a decoder makes of `tokens` [batch, length] of int32 before the logits: [batch length,
 * width]. Throws RangeError for more tokens than the context has.
 */
export function hiddenStates({ sizes, weights, map = affine }: DecoderPass, tokens: tf.Tensor2D): tf.Tensor2D {
  const [batch, length] = tokens.shape;
  const { width, depth, heads, context } = sizes;
  wholeNumber("tokens of a text", length, { least: 1, most: context });
  const positions = tf.slice(tensorNamed<tf.Tensor2D>(weights, "positions"), [0, 0], [length, width]);
  const embedded = embeddingRows(tensorNamed(weights, "tokens"), tokens.reshape([batch * length]));
  let x = tf.add(embedded.reshape([batch, length, width]), positions).reshape<tf.Tensor2D>([batch * length, width]);
  const shape = { tokens: length, heads, mask: causalMask(length), map };
  for (let index = 0; index < depth; index++) x = block(`blocks.${index}`, shape, weights, x);
  return layerNorm(weights, "norm", x);
}

/** Logits [rows, vocabulary] of hidden states [rows, width]. */
export function tokenLogits({ weights }: DecoderPass, hidden: tf.Tensor2D): tf.Tensor2D {
  const embeddings = tensorNamed<tf.Tensor2D>(weights, "tokens");
  multiplies(hidden.shape[0] * embeddings.size);
  return tf.matMul(hidden, embeddings, false, true);
}

/** Low enough that a softmax gives exactly 0. */
const hiddenScore = -1e9;

/** 0 where a row may see a column, which is not after it. */
function causalMask(length: number): tf.Tensor2D {
  const values = new Float32Array(length * length);
  for (let row = 0; row < length; row++) values.fill(hiddenScore, row * length + row + 1, (row + 1) * length);
  return tf.tensor2d(values, [length, length]);
}

function block(
  name: string,
  shape: Parameters<typeof attention>[2] & { readonly map: AffineMap },
  weights: Tensors,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const { map } = shape;
  const attended = attention(weights, `${name}.attention`, shape, layerNorm(weights, `${name}.norm1`, x));
  const y: tf.Tensor2D = tf.add(x, attended);
  const hidden = gelu(map(weights, `${name}.expand`, layerNorm(weights, `${name}.norm2`, y)));
  return tf.add(y, map(weights, `${name}.contract`, hidden));
}
