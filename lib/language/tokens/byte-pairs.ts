import { unexpected } from "../../core/check";
import { joinedPairs } from "./joined-pairs";

/** Two tokens that one token stands for. */
export type TokenPair = readonly [number, number];

/** Text as tokens, and tokens as text. */
export interface Tokenizer {
  /** How many tokens there are: they are 0 to size - 1. */
  readonly size: number;
  /** The tokens that begin and end a text. */
  readonly begin: number;
  readonly end: number;
  /** The tokens of a text, without these two. A half of a surrogate pair is read as U+FFFD. */
  readonly encode: (text: string) => Int32Array;
  /**
   * The text of tokens, without the beginnings and ends among them; bytes that are no UTF-8 become
   * U+FFFD. Throws RangeError on a token outside the vocabulary.
   */
  readonly decode: (tokens: ArrayLike<number>) => string;
}

/** The token that begins and ends a text of this library's own tokenizer. */
const endToken = 0;

/** The tokens of single bytes begin here. */
const firstByte = 1;
const firstPair = firstByte + 256;

// Runs are cut at 64 characters, as when the stored merges were learned.
const wordPattern =
  / ?\p{L}{1,64}| ?\p{N}| ?[^\p{White_Space}\p{L}\p{N}]{1,64}|\p{White_Space}{1,64}(?!\P{White_Space})|\p{White_Space}{1,64}/gu;

// Words that were met lately; any text repeats most of its words.
const mostWords = 50_000;

/**
 * Byte-pair encoding (Sennrich et al., arXiv 1508.07909) of UTF-8 bytes. Text is cut into words:
 * letters or other characters with the space before them, single digits, white space. Within a word
 * the pair of the earliest merge is joined, the leftmost first, until no pair is left. Token 257 +
 * i stands for the pair `merges`[i].
 */
export function tokenizer(merges: readonly TokenPair[]): Tokenizer {
  const size = firstPair + merges.length;
  const ranks = new Map(merges.map(([left, right], rank) => [left * size + right, rank]));
  const pairs = {
    rankOf: (left: number, right: number) => ranks.get(left * size + right),
    product: (rank: number) => firstPair + rank,
  };
  const bytes = tokenBytes(merges);
  const known = new Map<string, readonly number[]>();
  const wordTokens = (word: string): readonly number[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const tokens = joinedPairs(Array.from(Buffer.from(word), byteToken), pairs);
    if (known.size >= mostWords) known.clear();
    known.set(word, tokens);
    return tokens;
  };
  return {
    size,
    begin: endToken,
    end: endToken,
    encode: (text) => {
      const tokens: number[] = [];
      for (const [word] of text.matchAll(wordPattern)) for (const token of wordTokens(word)) tokens.push(token);
      return Int32Array.from(tokens);
    },
    decode: (tokens) => Buffer.concat(Array.from(tokens, (token) => bytesOf(token, bytes))).toString("utf8"),
  };
}

function byteToken(byte: number): number {
  return firstByte + byte;
}

/** The bytes that each token stands for; none for the end. */
function tokenBytes(merges: readonly TokenPair[]): readonly Buffer[] {
  const bytes: Buffer[] = [Buffer.alloc(0), ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte))];
  for (const [left, right] of merges) bytes.push(Buffer.concat([bytes[left] as Buffer, bytes[right] as Buffer]));
  return bytes;
}

function bytesOf(token: number, bytes: readonly Buffer[]): Buffer {
  const found = bytes[token];
  if (found === undefined) throw unexpected("token", `a whole number from 0 to ${bytes.length - 1}`, token);
  return found;
}
