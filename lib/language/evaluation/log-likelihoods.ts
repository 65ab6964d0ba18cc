import { crossEntropyPerSample } from "../../losses/cross-entropy";
import { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { forward } from "../../training/forward";
import { hiddenStates, requireTokens, tokenLogits } from "../decoder/decoder";
import type { LanguageModel } from "../training/objective";
import { countedStates, sequenceBatch, type TokenSequence } from "../training/sequences";

/** Texts that go through a decoder at once. */
const batchSize = 64;

/**
 * The sum of each sequence's log-probabilities, every token by its weight. Throws
 * RangeError on a token outside the vocabulary.
 */
export function logLikelihoods(model: LanguageModel, sequences: readonly TokenSequence[]): Float32Array {
  const { sizes, weights } = model;
  for (const { tokens } of sequences) requireTokens(sizes, tokens);
  const running = forward(weights, (pass, batch) => {
    const counted = tensorNamed<tf.Tensor2D>(batch, "weights");
    const own = { sizes, weights: pass.weights };
    const hidden = hiddenStates(own, tensorNamed<tf.Tensor2D>(batch, "tokens"));
    const logits = tokenLogits(own, countedStates(hidden, batch));
    const losses = crossEntropyPerSample(logits, tensorNamed(batch, "targets")).reshape(counted.shape);
    return tf.neg(tf.sum(tf.mul(losses, counted), 1));
  });
  try {
    const sums = new Float32Array(sequences.length);
    for (let at = 0; at < sequences.length; at += batchSize) {
      sums.set(running.map(sequenceBatch(sequences.slice(at, at + batchSize), sizes.context)), at);
    }
    return sums;
  } finally {
    running.dispose();
  }
}
