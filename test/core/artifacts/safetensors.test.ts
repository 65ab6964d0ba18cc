import { describe, expect, test } from "vitest";
import { encodeHeader, isSafetensors, readHeader } from "../../../lib/core/artifacts/safetensors";
import { safetensorsFile } from "../../files/npy-writer";

const entry = (dtype: string, shape: unknown, from: number, to: number): object => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

function parsed(file: Buffer): ReturnType<typeof readHeader> {
  const read = (first: number, count: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(file.subarray(first, first + count));
  return readHeader({ bytes: file.length, read }, (reason) => new RangeError(`refused: ${reason}`));
}

const arrays = [
  { name: "é", dtype: "F32", shape: [2, 3], bytes: 24 },
  { name: "empty", dtype: "I64", shape: [0, 7], bytes: 0 },
  { name: "single", dtype: "BF16", shape: [], bytes: 2 },
];

describe("a header", () => {
  test("comes back as it was written, at a multiple of eight bytes", () => {
    for (const metadata of [undefined, { by: "hand" }, { by: "hand, é" }]) {
      const head = encodeHeader(arrays, metadata);
      expect(head.length % 8).toBe(0);
      const offsets = [0, 24, 24].map((from) => head.length + from);
      const placed = arrays.map((array, i) => ({ ...array, offset: offsets[i] }));
      expect(parsed(Buffer.concat([head, Buffer.alloc(26)]))).toEqual({
        arrays: placed,
        metadata: metadata ?? {},
        head,
      });
    }
  });

  test("has exactly the bytes of the format", () => {
    const head = encodeHeader([{ name: "a", dtype: "F32", shape: [1], bytes: 4 }]);
    expect(head.subarray(0, 8)).toEqual(Buffer.of(56, 0, 0, 0, 0, 0, 0, 0));
    expect(head.toString("utf8", 8)).toBe(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  `);
    expect(isSafetensors(head)).toBe(true);
    expect(isSafetensors(head.subarray(0, 8))).toBe(false);
  });

  test("may list arrays in another order than their bytes, and of types that are not read", () => {
    const header = {
      b: entry("F8_E4M3", [3], 7, 10),
      a: entry("I32", [1], 0, 4),
      f4: entry("F4", [2], 10, 11),
      c: entry("BOOL", [3], 4, 7),
      f6: entry("F6_E2M3", [4], 11, 14),
    };
    const { arrays: found, head } = parsed(safetensorsFile(header, Buffer.alloc(14)));
    const places = found.map(({ name, offset, bytes }) => [name, offset - head.length, bytes]);
    expect(places).toEqual([
      ["b", 7, 3],
      ["a", 0, 4],
      ["f4", 10, 1],
      ["c", 4, 3],
      ["f6", 11, 3],
    ]);
  });
});

describe("refused is", () => {
  const one = entry("F32", [2], 0, 8);
  const deep = `${'{"x":'.repeat(20_000)}1${"}".repeat(20_000)}`;

  test.each<[string, Buffer, RegExp]>([
    ["nothing", Buffer.alloc(0), /length of a header/],
    ["a length beyond the format's limit", Buffer.alloc(8, 255), /length of a header/],
    ["a header beyond the file", safetensorsFile("{}").subarray(0, 9), /10 bytes are expected, 9 found/],
    ["a header that is not JSON", safetensorsFile("{nothing"), /header is not JSON/],
    ["a header that is a list", safetensorsFile("[1]"), /not a JSON object/],
    ["metadata that are a text", safetensorsFile({ __metadata__: "text" }), /metadata/],
    ["metadata that are not texts", safetensorsFile({ __metadata__: { sha256: null } }), /metadata/],
    ["an entry that is a number", safetensorsFile({ a: 5 }), /array a .*dtype, shape and data_offsets/],
    ["an entry that nests deeply", safetensorsFile(`{"a":${deep}}`), /nests deeper than 8/],
    ["a shape of fractions", safetensorsFile({ a: entry("F32", [0.5, 2], 0, 4) }, Buffer.alloc(4)), /number .*natural/],
    ["a negative length", safetensorsFile({ a: entry("F32", [-1, -1], 0, 4) }, Buffer.alloc(4)), /number .*natural/],
    ["a type that the format does not have", safetensorsFile({ a: entry("NEW", [0], 0, 0) }), /array a is of type NEW/],
    [
      "lengths that a 0 hides",
      safetensorsFile({ a: entry("F32", [2 ** 50, 2 ** 50, 0], 0, 0) }),
      /array a is too large/,
    ],
    ["a name that is not UTF-8", safetensorsFile(`{"a\\ud800":1}`), /not valid Unicode/],
    ["spaces before the header", safetensorsFile(" {}"), /not a JSON object/],
    ["lists without end", safetensorsFile(`{"a":[${"[],".repeat(2_000_001)}0]}`), /more than 2000000 values/],
    ["an end before the beginning", safetensorsFile({ a: entry("NEW", [1], 4, 0) }), /array a .*data_offsets/],
    ["a place too small", safetensorsFile({ a: entry("F32", [2, 2], 0, 8) }, Buffer.alloc(8)), /8 bytes.*16/],
    ["a place too large", safetensorsFile({ a: entry("F4", [3], 0, 2) }, Buffer.alloc(2)), /2 bytes.*1.5/],
    ["a shape no disk holds", safetensorsFile({ a: entry("F32", [2 ** 50, 2 ** 50], 0, 4) }), /array a is too large/],
    ["an array beyond the file", safetensorsFile({ a: one }, Buffer.alloc(7)), /cut short/],
    ["a file that goes on", safetensorsFile({ a: one }, Buffer.alloc(9)), /goes on after/],
    ["arrays that overlap", safetensorsFile({ a: one, b: one }, Buffer.alloc(8)), /array b begins at byte/],
    ["a gap before an array", safetensorsFile({ a: entry("F32", [2], 4, 12) }, Buffer.alloc(12)), /array a begins at/],
    [
      "a name that occurs twice",
      safetensorsFile(`{"a":${JSON.stringify(one)},"a":${JSON.stringify(entry("I64", [1], 8, 16))}}`, Buffer.alloc(16)),
      /names "a" twice/,
    ],
  ])("%s", (_, file, message) => {
    expect(() => parsed(file)).toThrow(RangeError);
    expect(() => parsed(file)).toThrow(message);
  });
});
