import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../../lib/core/paths";
import { importedTokenizer } from "../../../lib/language/tokens/imported-tokenizer";
import { joinedPairs } from "../../../lib/language/tokens/joined-pairs";
import { parseTokenizer } from "../../../lib/language/tokens/tokenizer-file";

type Members = Readonly<Record<string, unknown>>;

const text = (name: string): string =>
  readFileSync(join(projectRoot(), "test", "language", "checkpoint", name, "tokenizer.json"), "utf8");
const neox = JSON.parse(text("neox")) as Members & { readonly model: Members };
const llama = JSON.parse(text("llama")) as Members;
const bytes = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
const split = (pattern: string): Members => ({ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated" });
const cutBy = (...pretokenizers: readonly Members[]): Members => ({
  pre_tokenizer: { type: "Sequence", pretokenizers },
});
const modelled = (members: Members): Members => ({ model: { ...neox.model, ...members } });

test.each([
  [{ model: [] }, /model: is not a JSON object/],
  [modelled({ type: "Unigram" }), /model\.type: is "Unigram": a byte-level byte-pair tokenizer/],
  [modelled({ byte_fallback: true }), /model: is a SentencePiece tokenizer with byte fallback, as Llama 1's and 2's/],
  [modelled({ end_of_word_suffix: "</w>" }), /model\.end_of_word_suffix: is "<\/w>": null is allowed/],
  [modelled({ dropout: 0.1 }), /model\.dropout: is 0\.1/],
  [modelled({ vocab: { a: -1 } }), /token "a": has the number -1: a whole number/],
  [modelled({ vocab: { a: 1, b: 1 } }), /token "b": has the number 1, as one before it does/],
  [modelled({ merges: {} }), /model\.merges: is not a list/],
  [modelled({ merges: ["a b c"] }), /merge 0: is "a b c": two tokens are expected/],
  [
    modelled({
      merges: [
        ["t", "h"],
        ["q", "q"],
      ],
    }),
    /merge 1: names "qq", which is no token of the vocabulary/,
  ],
  [{ normalizer: { type: "Lowercase" } }, /normalizer: is "Lowercase": NFC or none is allowed/],
  [{ decoder: null }, /decoder\.type: is missing/],
  [{ pre_tokenizer: null }, /pre_tokenizer: does not end in one ByteLevel/],
  [{ pre_tokenizer: { ...bytes, add_prefix_space: true } }, /pre_tokenizer: adds a space before a text/],
  [{ pre_tokenizer: bytes }, /pre_tokenizer: does not cut a text into words/],
  [cutBy(split("(a+)+b"), bytes), /cuts words by "\(a\+\)\+b": the patterns of GPT-2, Llama 3 and Qwen 2 are known/],
  [cutBy(split("a"), bytes, bytes), /does not end in one ByteLevel/],
  [{ added_tokens: {} }, /added_tokens: is not a list/],
  [{ added_tokens: [{ id: 1 }] }, /added token 0: has no id or no content/],
  [{ added_tokens: [{ id: 1, content: "<m>", lstrip: true }] }, /added token 0: "<m>" has lstrip/],
] as const)("a tokenizer with %j is refused by its place", (members, message) => {
  expect(() => parseTokenizer(JSON.stringify({ ...neox, ...members }), "t.json")).toThrow(message);
});

test("a text that is not JSON, or no object, is refused, and a byte without a token", () => {
  expect(() => parseTokenizer("{", "t.json")).toThrow(/t\.json: is not JSON/);
  expect(() => parseTokenizer("[]", "t.json")).toThrow(/t\.json: is not a JSON object/);
  const file = parseTokenizer(JSON.stringify({ ...neox, ...modelled({ vocab: { a: 0 }, merges: [] }) }), "t.json");
  expect(() => importedTokenizer({ ...file, added: [] }, { vocabulary: 9, begin: 0, end: 0 })).toThrow(
    /byte of a text: expected one with a token of its own, got 0/,
  );
});

test("merges are read as pairs, too, and give the same tokens", () => {
  const pairs = (neox.model.merges as readonly (string | readonly string[])[]).map((merge) =>
    typeof merge === "string" ? merge.split(" ") : merge.join(" "),
  );
  const sizes = { vocabulary: 288, begin: 0, end: 0 };
  const encoded = (file: object): readonly number[] => [
    ...importedTokenizer(parseTokenizer(JSON.stringify(file), "t.json"), sizes).encode("over the other river"),
  ];
  expect(encoded({ ...neox, ...modelled({ merges: pairs }) })).toEqual(encoded(neox));
  expect(encoded(llama)).not.toEqual(encoded(neox));
});

test("a vocabulary may be as large as Llama 3's and Qwen 2's", () => {
  const more = Array.from({ length: 150_000 }, (_, i) => [`more ${i}`, 288 + i]);
  const vocab = { ...(neox.model.vocab as Members), ...Object.fromEntries(more) };
  const tokens = (members: Members, vocabulary: number): readonly number[] => {
    const file = parseTokenizer(JSON.stringify({ ...neox, ...modelled(members) }), "t.json");
    return [...importedTokenizer(file, { vocabulary, begin: 0, end: 0 }).encode("over the other river")];
  };
  expect(tokens({ vocab }, 150_288)).toEqual(tokens({}, 288));
});

test("pairs are joined as by looking for the lowest rank, the leftmost, again and again", () => {
  // Ranks of pairs of the tokens 0 to 3; what is joined takes the numbers from 4 on.
  const ranks = new Map([
    [1, 0],
    [10, 1],
    [4, 2],
    [41, 3],
    [55, 4],
    [22, 5],
    [33, 6],
    [99, 7],
  ]);
  const pairs = {
    rankOf: (left: number, right: number) => ranks.get(10 * left + right),
    product: (rank: number) => 4 + (rank % 6),
  };
  const naive = (tokens: readonly number[]): readonly number[] => {
    const found = tokens.slice(1).map((right, i) => pairs.rankOf(tokens[i] as number, right) ?? 99);
    const at = found.indexOf(Math.min(...found));
    const rank = found[at] ?? 99;
    return rank === 99 ? tokens : naive([...tokens.slice(0, at), pairs.product(rank), ...tokens.slice(at + 2)]);
  };
  for (let seed = 0; seed < 500; seed++) {
    const tokens = Array.from(
      { length: seed % 23 },
      (_, i) => Math.floor(1e4 * Math.abs(Math.sin(seed * 31 + i * 7))) % 4,
    );
    expect(joinedPairs(tokens, pairs)).toEqual(naive(tokens));
  }
  // A word of a hundred thousand letters takes no minutes.
  const long = new Array<number>(100_000).fill(2);
  expect(joinedPairs(long, pairs).length).toBeLessThan(100_000);
});
