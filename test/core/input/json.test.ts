import { describe, expect, test } from "vitest";
import { boundedJson } from "../../../lib/core/input/json";

const limits = { length: 200_000, depth: 4, values: 50 };
const parsed = (text: string, more: { readonly naturals?: boolean } = {}): unknown =>
  boundedJson(text, { ...limits, ...more }, (reason) => new RangeError(reason));

describe("a JSON text within the limits", () => {
  test.each([
    '{"a":[1,-2.5e3,"[[[[[[",{"b":null}],"c":{"a":true}}',
    '[{"a":1},{"a":2},"\\"{\\\\",""]',
    '"\\u00e9"',
    " 7 ",
  ])("comes back as it is parsed: %s", (text) => {
    expect(parsed(text)).toEqual(JSON.parse(text));
  });
});

describe("refused is", () => {
  test.each<[string, string, RegExp]>([
    ["depth", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, /deeper than 4 levels/],
    ["depth in names", `${'{"a":'.repeat(5)}1${"}".repeat(5)}`, /deeper than 4 levels/],
    ["the number of values", `[${"[],".repeat(60)}1]`, /more than 50 values/],
    ["length", " ".repeat(200_001), /200001 characters .* at most 200000/],
    ["a name twice", '{"a":1,"b":{"a":2},"a":3}', /names "a" twice/],
    ["a name twice, once in escapes", '{"a":1,"\\u0061":3}', /names "a" twice/],
    ["a lone surrogate", '{"a":"\\ud800"}', /not valid Unicode/],
    ["what is cut", '{"a":[1', /is not JSON/],
    ["what is cut in a text", '{"a":"b', /is not JSON/],
    ["nothing", "", /is not JSON/],
  ])("%s", (_, text, message) => {
    expect(() => parsed(text)).toThrow(RangeError);
    expect(() => parsed(text)).toThrow(message);
  });

  test.each(["-1", "1.0", "1e2", "1E2"])("the number %s where lengths are expected", (text) => {
    expect(() => parsed(`[${text}]`, { naturals: true })).toThrow(/natural/);
    expect(parsed(`[${text}]`)).toEqual([Number(text)]);
  });
});
