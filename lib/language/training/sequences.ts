import { unexpected } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { endToken, type Tokenizer } from "../tokens/byte-pairs";

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
 * End token, prompt, answer, end token. A prompt that is too long loses its beginning. Throws
 * RangeError if the answer alone does not fit into the context, and on a weight below 0.
 */
export function encodeSequence(
  { encode }: Tokenizer,
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
  const tokens = Int32Array.of(endToken, ...kept, ...answered, endToken);
  const weights = new Float32Array(tokens.length - 1).fill(1);
  return { tokens, weights: weights.fill(promptWeight, 0, kept.length), cut };
}

const lengthStep = 16;

/**
 * Sequences as a batch: "tokens" and "weights" [texts, length], "targets" [texts length]. Shorter
 * ones are filled up with tokens of weight 0. The length is the longest's, rounded up to a multiple
 * of 16, so that few graphs serve all batches.
 */
export function sequenceBatch(sequences: readonly TokenSequence[], context: number): NamedArrays {
  const longest = Math.max(...sequences.map(({ weights }) => weights.length));
  const length = Math.min(context, lengthStep * Math.ceil(longest / lengthStep));
  const size = sequences.length * length;
  const [tokens, targets, weights] = [new Int32Array(size), new Int32Array(size), new Float32Array(size)];
  sequences.forEach((sequence, text) => {
    tokens.set(sequence.tokens.subarray(0, -1), text * length);
    targets.set(sequence.tokens.subarray(1), text * length);
    weights.set(sequence.weights, text * length);
  });
  const shape = [sequences.length, length];
  return {
    tokens: { shape, data: tokens },
    targets: { shape: [size], data: targets },
    weights: { shape, data: weights },
  };
}
