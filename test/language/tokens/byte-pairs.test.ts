import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { type TokenPair, tokenizer } from "../../../lib/language/tokens/byte-pairs";
import { parseMerges } from "../../../lib/language/tokens/parse-merges";
import { storedTokenizer } from "../../../lib/language/tokens/stored-merges";

const golden = JSON.parse(readFileSync(join(__dirname, "byte-pairs.golden.json"), "utf8")) as readonly {
  readonly text: string;
  readonly tokens: readonly number[];
}[];

/** The pairs joined merge by merge, in the order of the merges: the definition, and slow. */
function naiveTokens(text: string, merges: readonly TokenPair[]): readonly number[] {
  let tokens: readonly number[] = Array.from(Buffer.from(text), (byte) => byte + 1);
  merges.forEach(([left, right], index) => {
    const next: number[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const isPair = tokens[i] === left && tokens[i + 1] === right;
      next.push(isPair ? 257 + index : (tokens[i] as number));
      if (isPair) i++;
    }
    tokens = next;
  });
  return tokens;
}

/** Different merges that are drawn: each of two tokens that stand before it. */
function drawnMerges(seed: number, count: number): readonly TokenPair[] {
  const { integer } = random(seed, "merges");
  const merges: TokenPair[] = [];
  const token = (): number =>
    integer(2) === 0 || merges.length === 0 ? 98 + integer(3) : 257 + integer(merges.length);
  for (let i = 0; i < count; i++) {
    const pair: TokenPair = [token(), token()];
    if (!merges.some((other) => String(other) === String(pair))) merges.push(pair);
  }
  return merges;
}

describe("the stored tokenizer", () => {
  test("gives the tokens of an independent implementation, and the text back", async () => {
    const { encode, decode, size } = await storedTokenizer();
    expect(size).toBe(2048);
    expect(golden.length).toBeGreaterThan(50);
    for (const { text, tokens } of golden) {
      expect([text, ...encode(text)]).toEqual([text, ...tokens]);
      expect(decode(tokens)).toBe(text);
    }
  });

  test("gives every text back, of any characters", async () => {
    const { encode, decode, begin, end } = await storedTokenizer();
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(decode(encode(text))).toBe(text);
      }),
      { seed: 1, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(decode(encode(text))).toBe(text);
      }),
      { seed: 2, numRuns: 300 },
    );
    expect(decode(encode("a\ud800b"))).toBe("a\ufffdb");
    expect(decode([begin, ...encode("end"), end])).toBe("end");
  });

  test("is not slowed down by a run without end", async () => {
    const { encode } = await storedTokenizer();
    for (const run of ["x", " ", ".", "\n", "1", "é"]) expect(encode(run.repeat(200_000)).length).toBeGreaterThan(0);
  });

  test("refuses a token outside the vocabulary", async () => {
    const { decode } = await storedTokenizer();
    expect(() => decode([5, 2048])).toThrow(/token: .* 0 to 2047, got 2048/);
    expect(() => decode([-1])).toThrow(/got -1/);
    expect(() => decode([1.5])).toThrow(/got 1.5/);
  });
});

test("words are joined as merge by merge, whatever the merges", () => {
  fc.assert(
    fc.property(fc.nat(), fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 }), (seed, word) => {
      const merges = drawnMerges(seed, 12);
      expect([...tokenizer(merges).encode(word)]).toEqual(naiveTokens(word, merges));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("merges that are no pairs of earlier tokens, or are there twice, are refused by name", () => {
  const refused = (merges: unknown) => () => parseMerges(JSON.stringify({ merges }), "m.json");
  expect(parseMerges('{"merges":[[1,256],[257,1]]}', "m.json")).toEqual([
    [1, 256],
    [257, 1],
  ]);
  expect(refused([[1, 257]])).toThrow(/m\.json, merge 0: is \[1,257\]: two tokens from 1 to 256/);
  expect(refused([[0, 1]])).toThrow(/merge 0/);
  expect(
    refused([
      [1, 2],
      [1, 2],
    ]),
  ).toThrow(/merge 1: joins 1 and 2/);
  expect(refused([[1, 2, 3]])).toThrow(/merge 0/);
  expect(refused("no")).toThrow(/m\.json: has no list/);
  expect(() => parseMerges("[", "m.json")).toThrow(/m\.json: is not JSON/);
  expect(() => parseMerges('{"merges":[[1,1e2]]}', "m.json")).toThrow(/m\.json: has a number/);
});
