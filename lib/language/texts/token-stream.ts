import { unexpected } from "../../core/check";
import { random } from "../../core/random";
import type { Tokenizer } from "../tokens/byte-pairs";
import { storedTexts } from "./text-archive";

/** Collections of running text, by their folders in the archive. */
export type TextCollection = "movie_reviews" | "state_union";

/** The text that a decoder is pretrained on. */
export interface TextRecipe {
  readonly collections: readonly TextCollection[];
  /**
   * Share of the documents, above 0 and at most 1. A smaller share is a subset of a larger one.
   */
  readonly share: number;
}

/** The documents as one stream of tokens, each followed by the end token. */
export async function tokenStream({ collections, share }: TextRecipe, { encode, end }: Tokenizer): Promise<Int32Array> {
  if (!(share > 0 && share <= 1)) throw unexpected("share of the text", "a number above 0, at most 1", share);
  const documents = await storedTexts(collections);
  // The same order for every share, so that a smaller one is a subset.
  const order = random("documents", collections.join()).permutation(documents.length);
  const chosen = order.subarray(0, Math.max(1, Math.round(share * documents.length)));
  const parts = Array.from(chosen, (index) => encode(documents[index]?.text ?? ""));
  const stream = new Int32Array(parts.reduce((sum, part) => sum + part.length + 1, 0)).fill(end);
  let at = 0;
  for (const part of parts) {
    stream.set(part, at);
    at += part.length + 1;
  }
  return stream;
}
