import { unexpected, wholeNumber } from "../../core/check";
import type { Tokenizer } from "./byte-pairs";
import { joinedPairs } from "./joined-pairs";
import type { TokenizerFile } from "./tokenizer-file";

/** How many tokens the weights of a tokenizer have, and which of them begin and end a text. */
export interface TokenizerSizes {
  readonly vocabulary: number;
  readonly begin: number;
  readonly end: number;
}

// Words that were met lately; any text repeats most of its words.
const mostWords = 50_000;
/** Longer words are not kept. */
const longestKept = 100;

/**
 * The tokenizer that a file describes, for weights of `vocabulary` tokens, of which some may stand
 * for nothing. Throws RangeError if a token is beyond the vocabulary, or a byte has no token.
 */
export function importedTokenizer(file: TokenizerFile, { vocabulary: size, begin, end }: TokenizerSizes): Tokenizer {
  requireIds(file, { size, begin, end });
  const wordTokens = wordEncoder(file, size);
  const plain = splitter(file.added.filter(({ normalized }) => !normalized));
  const composed = splitter(file.added.filter(({ normalized }) => normalized));
  const bytes = tokenBytes(file);
  return {
    size,
    begin,
    end,
    encode: (text) => {
      const tokens: number[] = [];
      const words = (part: string): void => {
        for (const [word] of part.matchAll(file.words)) for (const token of wordTokens(word)) tokens.push(token);
      };
      const take = (token: number): void => {
        tokens.push(token);
      };
      const inside = (part: string): void => composed(file.composes ? part.normalize("NFC") : part, take, words);
      plain(text, take, inside);
      return Int32Array.from(tokens);
    },
    decode: (tokens) => {
      const parts = Array.from(tokens, (token) => {
        wholeNumber("token", token, { least: 0, most: size - 1 });
        return bytes.get(token) ?? Buffer.alloc(0);
      });
      return Buffer.concat(parts).toString("utf8");
    },
  };
}

function requireIds(
  { vocabulary, added }: TokenizerFile,
  { size, ...ends }: { readonly size: number; readonly begin: number; readonly end: number },
): void {
  const named = [...vocabulary, ...added.map(({ content, id }) => [content, id] as const), ...Object.entries(ends)];
  const beyond = named.find(([, id]) => id >= size);
  if (beyond === undefined) return;
  throw unexpected(
    `number of the token ${JSON.stringify(beyond[0])}`,
    `less than the weights' ${size} tokens`,
    beyond[1],
  );
}

/** The tokens of a word, by the merges; all tokens are less than `size`. */
function wordEncoder(
  { vocabulary, merges, wholeWords }: TokenizerFile,
  size: number,
): (word: string) => readonly number[] {
  const ranks = new Map<number, number>();
  merges.forEach(([left, right], rank) => {
    ranks.set(left * size + right, rank);
  });
  const pairs = {
    rankOf: (left: number, right: number) => ranks.get(left * size + right),
    product: (rank: number) => merges[rank]?.[2] as number,
  };
  const known = new Map<string, readonly number[]>();
  const bytes = byteCharacters.map((character, byte) => {
    const token = vocabulary.get(character);
    if (token === undefined) throw unexpected("byte of a text", "one with a token of its own", byte);
    return token;
  });
  const encoded = (word: string): readonly number[] => {
    const content = Buffer.from(word);
    const whole = wholeWords ? vocabulary.get(Array.from(content, (byte) => byteCharacters[byte]).join("")) : undefined;
    return whole === undefined
      ? joinedPairs(
          Array.from(content, (byte) => bytes[byte] as number),
          pairs,
        )
      : [whole];
  };
  return (word) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const tokens = encoded(word);
    if (known.size >= mostWords) known.clear();
    if (word.length <= longestKept) known.set(word, tokens);
    return tokens;
  };
}

type Split = (text: string, take: (token: number) => void, between: (part: string) => void) => void;

/** Goes through a text, with the longest of the added tokens at each place and what is between. */
function splitter(added: TokenizerFile["added"]): Split {
  const ids = new Map(added.map(({ content, id }) => [content, id]));
  if (ids.size === 0) return (text, _, between) => between(text);
  const longestFirst = [...ids.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${longestFirst.map(literally).join("|")})`, "u");
  return (text, take, between) => {
    for (const part of text.split(pattern)) {
      const id = ids.get(part);
      if (id !== undefined) take(id);
      else if (part !== "") between(part);
    }
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/**
 * The characters by which a file names bytes: those of Latin-1 that can be seen stand for
 * themselves, all others for characters from U+0100 on, in order (GPT-2's table).
 */
const byteCharacters: readonly string[] = (() => {
  const seen = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let hidden = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(seen(byte) ? byte : hidden++));
})();

/** The bytes that each token stands for; none for those that are special. */
function tokenBytes({ vocabulary, added }: TokenizerFile): ReadonlyMap<number, Buffer> {
  const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]));
  const bytes = new Map<number, Buffer>();
  for (const [token, id] of vocabulary) {
    const own = Array.from(token, (character) => byteOf.get(character));
    bytes.set(id, own.includes(undefined) ? Buffer.from(token) : Buffer.from(own as number[]));
  }
  for (const { id, content, special } of added) bytes.set(id, special ? Buffer.alloc(0) : Buffer.from(content));
  return bytes;
}
