import { unexpected, wholeNumber } from "../../core/check";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { embeddingRows } from "../../nn/embedding";
import { initialConstant, initialNormal, type ValueSource } from "../../nn/initial";
import { affine } from "../../nn/linear";
import { type AffineMap, attention } from "../../nn/networks/transformer-blocks";
import { multiplies } from "../../nn/tally";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { blockNetwork, type DecoderForm, normed } from "./decoder-form";
import { rotation } from "./rotary";

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
  /** Of imported weights, in what their decoder differs from the one above. */
  readonly form?: DecoderForm;
}

/** Hidden features of a block's two-layer network, for each feature of a token. */
const expansion = 4;
const deviation = 0.02;

/**
 * Throws RangeError for sizes that are not positive whole numbers, a width that does not divide, or
 * a form of imported weights.
 */
function checkSizes(sizes: DecoderSizes): void {
  const { vocabulary, context, width, depth, heads } = sizes;
  for (const [name, size] of Object.entries({ vocabulary, context, width, depth, heads })) {
    wholeNumber(`a decoder's ${name}`, size, { least: 1 });
  }
  if (sizes.form !== undefined)
    throw unexpected("a decoder to train from the start", "no form of imported weights", "one");
  if (width % heads !== 0) throw unexpected("a decoder's width", `a multiple of its ${heads} heads`, width);
}

/** A linear layer: its name, and how many features it reads and gives. */
interface LinearLayer {
  readonly name: string;
  readonly input: number;
  readonly output: number;
}

/** Every linear layer of the blocks, in order; the tied embedding is none of them. */
export function decoderLayers({ depth, width, heads, form }: DecoderSizes): readonly LinearLayer[] {
  const hidden = form?.network.hidden ?? expansion * width;
  const keys = ((form?.keyHeads ?? heads) * width) / heads;
  const parts = [
    { part: "attention.query", input: width, output: width },
    { part: "attention.key", input: width, output: keys },
    { part: "attention.value", input: width, output: keys },
    { part: "attention.output", input: width, output: width },
    ...(form?.network.kind === "swiglu" ? [{ part: "gate", input: width, output: hidden }] : []),
    { part: "expand", input: width, output: hidden },
    { part: "contract", input: hidden, output: width },
  ];
  return Array.from({ length: depth }, (_, block) =>
    parts.map(({ part, ...sizes }) => ({ name: `blocks.${block}.${part}`, ...sizes })),
  ).flat();
}

/**
 * Random starting weights by name: normal with deviation 0.02, those that write to the stream of
 * tokens 1 / sqrt(2 depth) times that (GPT-2's rule); biases 0. Embeddings of tokens have the
 * deviation 1 / sqrt(width), so that the logits of a layer-normed state deviate by 1: with 0.02, a
 * narrow decoder that has trained for minutes cannot be sure of any but the commonest tokens, since
 * an adapter leaves embeddings and norms as they are. Throws RangeError on bad sizes, and on
 * those of imported weights.
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
  const { width, depth, heads, context, form } = sizes;
  wholeNumber("tokens of a text", length, { least: 1, most: context });
  const embedded = embeddingRows(tensorNamed(weights, "tokens"), tokens.reshape([batch * length]));
  const shape = { tokens: length, heads, mask: causalMask(length), map, form, ...positionsOf(sizes, length) };
  let x = form === undefined ? withPositions(embedded, weights, [batch, length, width]) : embedded;
  for (let index = 0; index < depth; index++) x = block(`blocks.${index}`, shape, weights, x);
  return normed(form, weights, "norm", x);
}

/** What is different in the attention of imported weights. */
function positionsOf({ form }: DecoderSizes, length: number): Partial<Parameters<typeof attention>[2]> {
  return form === undefined ? {} : { keyHeads: form.keyHeads, turned: rotation(form.rotary, length) };
}

function withPositions(
  embedded: tf.Tensor2D,
  weights: Tensors,
  [batch, length, width]: readonly [number, number, number],
): tf.Tensor2D {
  const positions = tf.slice(tensorNamed<tf.Tensor2D>(weights, "positions"), [0, 0], [length, width]);
  return tf.add(embedded.reshape([batch, length, width]), positions).reshape([batch * length, width]);
}

/** Logits [rows, vocabulary] of hidden states [rows, width]. */
export function tokenLogits({ sizes, weights }: DecoderPass, hidden: tf.Tensor2D): tf.Tensor2D {
  const embeddings = tensorNamed<tf.Tensor2D>(weights, sizes.form?.tied === false ? "unembedding" : "tokens");
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
  shape: Parameters<typeof attention>[2] & { readonly map: AffineMap; readonly form: DecoderForm | undefined },
  weights: Tensors,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const { form, map } = shape;
  const attended = attention(weights, `${name}.attention`, shape, normed(form, weights, `${name}.norm1`, x));
  const y: tf.Tensor2D = tf.add(x, attended);
  const read = normed(form, weights, `${name}.norm2`, form?.parallel === true ? x : y);
  return tf.add(y, blockNetwork({ form, weights, map }, name, read));
}
