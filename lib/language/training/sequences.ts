import { unexpected } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { embeddingRows } from "../../nn/embedding";
import type { tf } from "../../tf/tensorflow";
import type { Tensors } from "../../tf/tensors";
import type { Tokenizer } from "../tokens/byte-pairs";

/** A text to continue, and how it goes on. */
export interface PromptAndAnswer {
  readonly prompt: string;
  readonly answer: string;
}

/** A text as tokens, each of which but the first is to be predicted from those before it. */
export interface TokenSequence {
  readonly tokens: Int32Array;
  /** How much the prediction of each token but the first counts: one value less than tokens. */
  readonly weights: Float32Array;
  /** How many tokens of the prompt did not fit and were cut off at its beginning. */
  readonly cut: number;
}

interface Encoding {
  /** Tokens of the longest sequence, without its last, which is only predicted. */
  readonly context: number;
  /** How much a token of the prompt counts in a loss beside 1 of the answer, at least 0. */
  readonly promptWeight: number;
}

/**
 * The token that begins a text, prompt, answer, the token that ends it. A prompt that is too long
 * loses its beginning. Throws RangeError if the answer alone does not fit into the context, and on
 * a weight below 0.
 */
export function encodeSequence(
  { encode, begin, end }: Tokenizer,
  { prompt, answer }: PromptAndAnswer,
  { context, promptWeight }: Encoding,
): TokenSequence {
  if (!(promptWeight >= 0)) throw unexpected("weight of a prompt's tokens", "a number of at least 0", promptWeight);
  const answered = encode(answer);
  const room = context - answered.length - 1;
  if (room < 0) throw unexpected("tokens of an answer", `at most ${context - 1}`, answered.length);
  const asked = encode(prompt);
  const cut = Math.max(0, asked.length - room);
  const kept = asked.subarray(cut);
  const tokens = Int32Array.from([begin, ...kept, ...answered, end]);
  const weights = new Float32Array(tokens.length - 1).fill(1);
  return { tokens, weights: weights.fill(promptWeight, 0, kept.length), cut };
}

const lengthStep = 16;
const placesStep = 8;

/**
 * Sequences as a batch: "tokens" [texts, length], and of the tokens that count "places" [texts
 * counted] among all texts' predictions, "targets" [texts counted] and "weights" [texts, counted].
 * Shorter sequences are filled up with tokens of weight 0. Lengths are the longest's, rounded up to
 * a multiple of 16, and of 8 for those that count, so that few graphs serve all batches. Where no
 * token is left out, there are no "places".
 */
export function sequenceBatch(sequences: readonly TokenSequence[], context: number): NamedArrays {
  const length = roundedUp(Math.max(...sequences.map(({ weights }) => weights.length)), lengthStep, context);
  const kept = sequences.map(({ weights }) => countedPlaces(weights));
  const all = kept.every((places, text) => places.length === sequences[text]?.weights.length);
  const most = Math.max(1, ...kept.map((places) => places.length));
  const counted = all ? length : roundedUp(most, placesStep, length);
  const size = sequences.length * counted;
  const [places, targets, weights] = [new Int32Array(size), new Int32Array(size), new Float32Array(size)];
  const tokens = new Int32Array(sequences.length * length);
  sequences.forEach((sequence, text) => {
    tokens.set(sequence.tokens.subarray(0, -1), text * length);
    const own = counted === length ? sequence.weights.keys() : (kept[text] ?? []);
    places.fill(text * length, text * counted, (text + 1) * counted);
    for (const [index, place] of [...own].entries()) {
      const at = text * counted + index;
      places[at] = text * length + place;
      targets[at] = sequence.tokens[place + 1] as number;
      weights[at] = sequence.weights[place] as number;
    }
  });
  return {
    tokens: { shape: [sequences.length, length], data: tokens },
    targets: { shape: [size], data: targets },
    weights: { shape: [sequences.length, counted], data: weights },
    ...(counted === length ? {} : { places: { shape: [size], data: places } }),
  };
}

function countedPlaces(weights: Float32Array): readonly number[] {
  return [...weights.keys()].filter((place) => weights[place] !== 0);
}

function roundedUp(count: number, step: number, most: number): number {
  return Math.min(most, step * Math.ceil(count / step));
}

/** The hidden states [rows, width] of the tokens of a batch that count, of those of all. */
export function countedStates(hidden: tf.Tensor2D, batch: Tensors): tf.Tensor2D {
  const { places } = batch;
  return places === undefined ? hidden : embeddingRows(hidden, places as tf.Tensor1D);
}
