import { random } from "../../lib/core/random";
import { type DecoderSizes, initialDecoderWeights } from "../../lib/language/decoder/decoder";
import { type Tokenizer, tokenizer } from "../../lib/language/tokens/byte-pairs";
import type { LanguageModel } from "../../lib/language/training/objective";

/** A tokenizer without merges: every byte is a token. */
export const byteTokens: Tokenizer = tokenizer([]);

export const tinySizes: DecoderSizes = { vocabulary: byteTokens.size, context: 24, width: 16, depth: 1, heads: 2 };

/** An untrained decoder of bytes. */
export function tinyModel(seed: number): LanguageModel {
  return { sizes: tinySizes, weights: initialDecoderWeights(tinySizes, random(seed, "tiny")) };
}
