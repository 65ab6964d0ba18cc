import { isPlainObject } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { InputError } from "../../core/input-error";
import type { TokenPair } from "./byte-pairs";

const jsonLimits = { length: 100_000, depth: 4, values: 20_000, naturals: true } as const;
const firstPair = 257;

/**
 * The merges of a text { "merges": [[token, token], ...] }. Throws InputError, naming the file and
 * the merge, unless each is a pair of tokens that stand before it, and no pair is there twice.
 */
export function parseMerges(text: string, path: string): readonly TokenPair[] {
  const refuse = (fault: string, place?: string): InputError =>
    new InputError({ file: path, fault, ...(place === undefined ? {} : { place }) });
  const found = boundedJson(text, jsonLimits, (reason) => refuse(reason));
  if (!isPlainObject(found) || !Array.isArray(found.merges)) throw refuse('has no list "merges"');
  const seen = new Set<string>();
  return found.merges.map((pair: unknown, index) => {
    const place = `merge ${index}`;
    if (!isPair(pair, firstPair + index)) {
      throw refuse(`is ${JSON.stringify(pair)}: two tokens from 1 to ${firstPair + index - 1} are expected`, place);
    }
    if (seen.has(String(pair))) throw refuse(`joins ${pair.join(" and ")}, as one before it does`, place);
    seen.add(String(pair));
    return pair;
  });
}

function isPair(value: unknown, below: number): value is TokenPair {
  const isToken = (token: unknown): boolean =>
    typeof token === "number" && Number.isInteger(token) && token >= 1 && token < below;
  return Array.isArray(value) && value.length === 2 && value.every(isToken);
}
