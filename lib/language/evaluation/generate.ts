import { wholeNumber } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { entriesAt } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { forward } from "../../training/forward";
import { hiddenStates, requireTokens, tokenLogits } from "../decoder/decoder";
import type { Tokenizer } from "../tokens/byte-pairs";
import type { LanguageModel } from "../training/objective";

/** Texts that are continued at once. */
const batchSize = 64;

interface Generated {
  /** How each prompt goes on, without the prompt. */
  readonly texts: readonly string[];
  /** Prompts that did not fit and lost their beginning. */
  readonly cut: number;
}

/**
 * Continues each prompt by the likeliest token, again and again, until the end token or `most`
 * tokens. A prompt leaves room for as many and is cut at its beginning if it does not. Throws
 * RangeError unless `most` is from 1 to less than the context, and on a token outside the
 * vocabulary.
 */
export function generate(
  { encode, decode, begin, end }: Tokenizer,
  model: LanguageModel,
  { prompts, most }: { readonly prompts: readonly string[]; readonly most: number },
): Generated {
  wholeNumber("tokens of an answer", most, { least: 1, most: model.sizes.context - 1 });
  const room = model.sizes.context - most;
  const encoded = prompts.map((prompt) => encode(prompt));
  for (const tokens of encoded) requireTokens(model.sizes, tokens);
  const starts = encoded.map((tokens) => [begin, ...tokens.subarray(Math.max(0, tokens.length - room + 1))]);
  const running = nextTokens(model);
  try {
    const answers: number[][] = [];
    for (let at = 0; at < starts.length; at += batchSize) {
      answers.push(...continued(running.map, starts.slice(at, at + batchSize), { most, end }));
    }
    const cut = encoded.filter((tokens) => tokens.length > room - 1).length;
    return { texts: answers.map((tokens) => decode(tokens)), cut };
  } finally {
    running.dispose();
  }
}

/** Maps "tokens" [texts, length] to the likeliest token after the place "last" of each text. */
function nextTokens({ sizes, weights }: LanguageModel): ReturnType<typeof forward> {
  return forward(weights, (pass, batch) => {
    const own = { sizes, weights: pass.weights };
    const hidden = hiddenStates(own, tensorNamed<tf.Tensor2D>(batch, "tokens"));
    const logits = tokenLogits(own, entriesAt(hidden, tensorNamed<tf.Tensor1D>(batch, "last")));
    return tf.cast(tf.argMax(logits, 1), "float32");
  });
}

/** The answers to a batch of prompts, each without its end token. */
function continued(
  next: (batch: NamedArrays) => Float32Array,
  starts: readonly (readonly number[])[],
  { most, end }: { readonly most: number; readonly end: number },
): number[][] {
  const answers = starts.map((): number[] => []);
  let open = starts.map((_, text) => text);
  const length = Math.max(...starts.map((start) => start.length)) + most - 1;
  for (let made = 0; made < most && open.length > 0; made++) {
    // All texts stay in the batch, so that one graph serves all steps.
    const tokens = new Int32Array(starts.length * length);
    starts.forEach((start, text) => {
      tokens.set([...start, ...(answers[text] ?? [])], text * length);
    });
    const last = Int32Array.from(
      starts,
      (start, text) => text * length + start.length + (answers[text] ?? []).length - 1,
    );
    const found = next({
      tokens: { shape: [starts.length, length], data: tokens },
      last: { shape: [starts.length], data: last },
    });
    open = open.filter((text) => found[text] !== end);
    for (const text of open) answers[text]?.push(found[text] as number);
  }
  return answers;
}
