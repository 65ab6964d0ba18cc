import { wholeNumber } from "../../core/check";
import type { Tokenizer } from "../tokens/byte-pairs";
import type { LanguageModel } from "../training/objective";
import { encodeSequence, type TokenSequence } from "../training/sequences";
import { logLikelihoods } from "./log-likelihoods";

/**
 * Log-likelihoods that differ by a smaller share are equal: a product's rounding depends on the
 * place of a text in its batch.
 */
const rounding = 1e-5;

/** A prompt and the answers to choose from, of which there are two or more. */
export interface Question {
  readonly prompt: string;
  readonly choices: readonly string[];
}

export interface ChosenAnswers {
  /** The number of each question's likeliest choice, the first of equals. */
  readonly chosen: readonly number[];
  /** Questions of which several choices are the likeliest. */
  readonly ties: number;
  /** Prompts that did not fit and lost their beginning. */
  readonly cut: number;
}

/**
 * Chooses by log-likelihood: of each question the choice whose tokens, after the prompt, have the
 * largest sum of log-probabilities. Throws RangeError on a question of fewer than two choices, and
 * on a choice that is longer than the context.
 */
export function chosenAnswers(
  tokenizer: Tokenizer,
  model: LanguageModel,
  questions: readonly Question[],
): ChosenAnswers {
  const { context } = model.sizes;
  const sequences = questions.map(({ prompt, choices }) => {
    wholeNumber("choices of a question", choices.length, { least: 2 });
    return choices.map((answer) => encodeSequence(tokenizer, { prompt, answer }, { context, promptWeight: 0 }));
  });
  const likelihoods = logLikelihoods(model, sequences.flat().map(withoutEnd));
  let [at, ties] = [0, 0];
  const chosen = sequences.map((choices) => {
    const own = likelihoods.subarray(at, at + choices.length);
    at += choices.length;
    const highest = Math.max(...own);
    const least = highest - rounding * Math.max(1, Math.abs(highest));
    const likeliest = Array.from(own.keys()).filter((choice) => (own[choice] as number) >= least);
    if (likeliest.length > 1) ties += 1;
    return likeliest[0] as number;
  });
  return { chosen, ties, cut: sequences.filter((choices) => choices.some(({ cut }) => cut > 0)).length };
}

/** The sequence, of which the end token does not count. */
function withoutEnd(sequence: TokenSequence): TokenSequence {
  return { ...sequence, weights: sequence.weights.slice().fill(0, -1) };
}
