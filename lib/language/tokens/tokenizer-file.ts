import { isPlainObject } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { InputError } from "../../core/input-error";
import { knownPatterns } from "./word-patterns";

/** A token beside those of the merges, found in a text as it is written. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it is found in the composed text (NFC), if the tokenizer composes. */
  readonly normalized: boolean;
  /** Whether it is no part of a decoded text. */
  readonly special: boolean;
}

/** A byte-level byte-pair tokenizer as tokenizer.json describes it. */
export interface TokenizerFile {
  /** Tokens by their names, in which each byte is a character; see `byteCharacters`. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs of tokens and what they are joined to, by rank. */
  readonly merges: readonly (readonly [left: number, right: number, product: number])[];
  /** Whether a word that is a token is taken whole, whatever the merges say. */
  readonly wholeWords: boolean;
  /** Whether texts are composed (NFC) first. */
  readonly composes: boolean;
  readonly words: RegExp;
  readonly added: readonly AddedToken[];
}

type Refuse = (fault: string, place?: string) => InputError;
type Members = Readonly<Record<string, unknown>>;

/** Characters of the longest tokenizer.json that is read; Llama 3's has 9 million. */
export const longestTokenizer = 60_000_000;
const limits = { length: longestTokenizer, depth: 16, values: 4_000_000 } as const;

/**
 * Reads the text of a tokenizer.json. Throws InputError, naming file and place, unless it is a
 * byte-level byte-pair tokenizer, such as GPT-NeoX's and Llama 3's, without anything that is not
 * read here.
 */
export function parseTokenizer(text: string, path: string): TokenizerFile {
  const refuse: Refuse = (fault, place) =>
    new InputError({ file: path, fault, ...(place === undefined ? {} : { place }) });
  const found = boundedJson(text, limits, (reason) => refuse(reason));
  if (!isPlainObject(found)) throw refuse("is not a JSON object");
  const model = objectAt(found, "model", refuse);
  requireByteLevel(found, model, refuse);
  const vocabulary = vocabularyOf(objectAt(model, "vocab", refuse), refuse);
  return {
    vocabulary,
    merges: mergesOf(model.merges, vocabulary, refuse),
    wholeWords: model.ignore_merges === true,
    composes: composesIn(found.normalizer, refuse),
    words: wordsOf(found.pre_tokenizer, refuse),
    added: addedOf(found.added_tokens ?? [], refuse),
  };
}

function objectAt(members: Members, name: string, refuse: Refuse): Members {
  const value = members[name];
  if (!isPlainObject(value)) throw refuse("is not a JSON object", name);
  return value;
}

const allowed = "a byte-level byte-pair tokenizer, such as GPT-NeoX's or Llama 3's, is allowed";

function requireByteLevel(found: Members, model: Members, refuse: Refuse): void {
  if (model.type !== "BPE") throw refuse(`is ${shown(model.type)}: ${allowed}`, "model.type");
  if (model.byte_fallback === true) {
    throw refuse(`is a SentencePiece tokenizer with byte fallback, as Llama 1's and 2's: ${allowed}`, "model");
  }
  for (const name of ["dropout", "continuing_subword_prefix", "end_of_word_suffix"]) {
    const value = model[name] ?? "";
    if (value !== "" && value !== 0) throw refuse(`is ${shown(value)}: null is allowed`, `model.${name}`);
  }
  const decoder = isPlainObject(found.decoder) ? found.decoder.type : undefined;
  if (decoder !== "ByteLevel") throw refuse(`is ${shown(decoder)}: ${allowed}`, "decoder.type");
}

function vocabularyOf(vocab: Members, refuse: Refuse): ReadonlyMap<string, number> {
  const taken = new Set<unknown>();
  for (const [token, id] of Object.entries(vocab)) {
    const place = `token ${shown(token)}`;
    if (!isId(id)) throw refuse(`has the number ${shown(id)}: a whole number of at least 0 is expected`, place);
    if (taken.has(id)) throw refuse(`has the number ${id}, as one before it does`, place);
    taken.add(id);
  }
  return new Map(Object.entries(vocab) as [string, number][]);
}

function mergesOf(merges: unknown, vocabulary: ReadonlyMap<string, number>, refuse: Refuse): TokenizerFile["merges"] {
  if (!Array.isArray(merges)) throw refuse("is not a list", "model.merges");
  return merges.map((merge: unknown, rank) => {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    const place = `merge ${rank}`;
    if (!isPair(pair)) throw refuse(`is ${shown(merge)}: two tokens are expected`, place);
    const numberOf = (token: string): number => {
      const id = vocabulary.get(token);
      if (id === undefined) throw refuse(`names ${shown(token)}, which is no token of the vocabulary`, place);
      return id;
    };
    return [numberOf(pair[0]), numberOf(pair[1]), numberOf(pair[0] + pair[1])];
  });
}

/** Whether a normalizer composes characters (NFC), the only thing that one may do. */
function composesIn(normalizer: unknown, refuse: Refuse): boolean {
  if (normalizer === null || normalizer === undefined) return false;
  const { type, normalizers } = isPlainObject(normalizer) ? normalizer : {};
  if (type === "NFC") return true;
  if (type === "Sequence" && Array.isArray(normalizers)) {
    return normalizers.map((part: unknown) => composesIn(part, refuse)).includes(true);
  }
  throw refuse(`is ${shown(type)}: NFC or none is allowed`, "normalizer");
}

/** What finds the words of a text: GPT-2's pattern, or a known one before the bytes are taken. */
function wordsOf(preTokenizer: unknown, refuse: Refuse): RegExp {
  const parts = isPlainObject(preTokenizer) ? (preTokenizer.pretokenizers ?? [preTokenizer]) : [];
  const [first, second, ...more] = (Array.isArray(parts) ? parts : []).filter(isPlainObject);
  const bytes = second ?? first;
  const place = "pre_tokenizer";
  if (bytes?.type !== "ByteLevel" || more.length > 0) throw refuse(`does not end in one ByteLevel: ${allowed}`, place);
  if (bytes.add_prefix_space === true) throw refuse("adds a space before a text, which is not read here", place);
  if (second === undefined) {
    if (bytes.use_regex === false) throw refuse("does not cut a text into words, which is not read here", place);
    return knownPatterns.gpt2.words;
  }
  const pattern = first?.type === "Split" && isPlainObject(first.pattern) ? first.pattern.Regex : undefined;
  const known = Object.values(knownPatterns).find(({ written }) => written === pattern);
  const isPlain = first?.behavior === "Isolated" && first.invert !== true && bytes.use_regex === false;
  if (known !== undefined && isPlain) return known.words;
  throw refuse(`cuts words by ${shown(pattern)}: the patterns of GPT-2, Llama 3 and Qwen 2 are known`, place);
}

function addedOf(tokens: unknown, refuse: Refuse): readonly AddedToken[] {
  if (!Array.isArray(tokens)) throw refuse("is not a list", "added_tokens");
  return tokens.map((token: unknown, index) => {
    const { id, content, normalized, special, ...others } = isPlainObject(token) ? token : {};
    const place = `added token ${index}`;
    if (!isId(id) || typeof content !== "string" || content === "") throw refuse("has no id or no content", place);
    const odd = ["single_word", "lstrip", "rstrip"].find((name) => others[name] === true);
    if (odd !== undefined) throw refuse(`${shown(content)} has ${odd}, which is not read here`, place);
    return { id, content, normalized: normalized === true, special: special === true };
  });
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 24;
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((token) => typeof token === "string");
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 100);
}
