import { resolve } from "node:path";
import { type Artifact, readSealed } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";
import { InputError } from "../../core/input-error";
import type { StoredTokenizer } from "../../language/checkpoint/checkpoint";
import type { DecoderSizes } from "../../language/decoder/decoder";
import type { Tokenizer } from "../../language/tokens/byte-pairs";
import { importedTokenizer } from "../../language/tokens/imported-tokenizer";
import { parseTokenizer } from "../../language/tokens/tokenizer-file";
import type { BaseModel, CompatibleAdapter, ImportedBase } from "./language-model";

/**
 * A decoder that `fct import --as language-model` wrote to `path`, as the base of adapters: it
 * stands in rows wherever a pretrained one does, with the tokenizer that it came with. Throws
 * InputError if the file is damaged or holds no language model.
 */
export function importedLanguageModel(path: string): ImportedBase {
  const { artifact, digest } = readSealed(path);
  if (artifact.facts.role !== "language-model") {
    const remedy = 'import a checkpoint by "fct import FOLDER --as language-model"';
    throw new InputError({ file: path, fault: 'it holds no language model that "fct import" wrote', remedy });
  }
  const sizes = artifact.facts.sizes as unknown as DecoderSizes;
  return { kind: "imported-base", recipe: { sizes, imported: { path: resolve(path), sha256: digest } } };
}

/** The weights, with their tokenizer as a fact. Throws InputError if the file has changed since. */
export function importedDecoder({ recipe: { imported } }: ImportedBase): Artifact {
  const { artifact, digest } = readSealed(imported.path);
  if (digest === imported.sha256) return artifact;
  const fault = "holds other weights than when the model was declared";
  throw new InputError({ file: imported.path, fault, remedy: "declare it again" });
}

/** The tokenizer that came with an imported decoder. */
export function importedTokens({ recipe }: ImportedBase, { facts }: Artifact): Tokenizer {
  const { text, begin, end } = facts.tokenizer as unknown as StoredTokenizer;
  const { vocabulary } = recipe.sizes;
  return importedTokenizer(parseTokenizer(text, recipe.imported.path), { vocabulary, begin, end });
}

/**
 * Throws RangeError unless both models of an update, whose weights are the first and the third of
 * `inputs`, have the same tokens: the loss compares what they make of each.
 */
export function requireSameTokens(
  { old, next }: CompatibleAdapter,
  [nextBase, , oldBase]: readonly (Artifact | undefined)[],
): void {
  const tokensOf = ({ recipe }: BaseModel, base: Artifact | undefined): readonly unknown[] => {
    const { text = null, end = null } = (base?.facts.tokenizer ?? {}) as Partial<StoredTokenizer>;
    return [recipe.sizes.vocabulary, text, end];
  };
  const [before, after] = [tokensOf(old.base, oldBase), tokensOf(next.base, nextBase)];
  if (before.every((value, i) => value === after[i])) return;
  throw unexpected(
    "tokenizer of v1",
    `v2's, of ${after[0]} tokens, since MUSCLE compares the likelihoods of tokens`,
    `another, of ${before[0]} tokens`,
  );
}
