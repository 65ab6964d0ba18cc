import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeArtifact } from "../../lib/core/store";
import { openMatrix, readLabels } from "../../lib/files/matrix-file";
import { readWeights, safetensorsHeader } from "../../lib/files/safetensors";
import { temporaryFolder } from "../temporary-folder";
import { bytesAs, safetensorsFile } from "./npy-writer";

function written(content: Uint8Array): string {
  const path = join(temporaryFolder(), "a.safetensors");
  writeFileSync(path, content);
  return path;
}

async function valuesOf(place: string): Promise<number[]> {
  const file = await openMatrix(place);
  try {
    return [...(await file.read(0, file.rows)).data];
  } finally {
    await file.close();
  }
}

const entry = (dtype: string, shape: number[], from: number, to: number): object => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("of several arrays", () => {
  const content = safetensorsFile(
    {
      __metadata__: { by: "hand" },
      single: entry("F32", [2], 0, 8),
      labels: entry("I64", [2], 8, 24),
      embeddings: entry("F64", [2, 2], 24, 56),
      fp8: entry("F8_E4M3", [2, 2], 56, 60),
    },
    Buffer.concat([
      bytesAs("<f4", [9, 9]),
      bytesAs("<i8", [3, -4]),
      bytesAs("<f8", [1.5, 2, 3, -4]),
      Buffer.of(1, 2, 3, 4),
    ]),
  );

  test("the only matrix and the only labels are found, and any by its name", async () => {
    const path = written(content);
    expect(await valuesOf(path)).toEqual([1.5, 2, 3, -4]);
    expect(await valuesOf(`${path}#embeddings`)).toEqual([1.5, 2, 3, -4]);
    expect([...(await readLabels(path))]).toEqual([3, -4]);
    expect([...(await readLabels(`${path}#labels`))]).toEqual([3, -4]);
  });

  test("one that is absent or does not fit is refused with all there is", async () => {
    const path = written(content);
    await expect(openMatrix(`${path}#other`)).rejects.toThrow(
      /has no array other\. It holds single \(F32, of 2 values\), .*embeddings \(F64, 2 x 2\), fp8 \(F8_E4M3\)/,
    );
    await expect(openMatrix(`${path}#labels`)).rejects.toThrow(/#labels is I64, of 2 values: a 2-d array of floats/);
  });

  test("two matrices must be told apart, and one must be there", async () => {
    const two = safetensorsFile({ a: entry("F16", [1, 1], 0, 2), b: entry("BF16", [1, 1], 2, 4) }, Buffer.alloc(4));
    await expect(openMatrix(written(two))).rejects.toThrow(/more than one 2-d array of floats; name one as .*#name/);
    await expect(openMatrix(written(safetensorsFile({})))).rejects.toThrow(/no 2-d array of floats.*It holds nothing/);
  });
});

test("half precisions are read exactly: 1 sign, 8 exponent and 7 fraction bits, or 1, 5 and 10", async () => {
  const numbers = [1, -2.5, 0.0078125, 96];
  const upper = new Uint8Array(numbers.flatMap((value) => [...bytesAs("<f4", [value])].slice(2)));
  const both = Buffer.concat([upper, bytesAs("<f2", numbers)]);
  const path = written(safetensorsFile({ b: entry("BF16", [2, 2], 0, 8), h: entry("F16", [2, 2], 8, 16) }, both));
  expect(await valuesOf(`${path}#b`)).toEqual(numbers);
  expect(await valuesOf(`${path}#h`)).toEqual(numbers);
});

describe("refused by name is", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["a header that is no JSON", safetensorsFile("{nothing"), /its header is no JSON object/],
    ["text", Buffer.from("text of some length"), /is no safetensors file: it begins with no length/],
    ["a header that is a list", safetensorsFile("[1]"), /its header is no JSON object/],
    ["a header beyond the file", safetensorsFile("{}").subarray(0, 9), /cut short: 10 bytes are expected, 9 found/],
    ["an array beyond the file", safetensorsFile({ a: entry("F32", [2, 2], 0, 16) }, Buffer.alloc(9)), /cut short/],
    [
      "a place too small",
      safetensorsFile({ a: entry("F32", [2, 2], 0, 8) }, Buffer.alloc(8)),
      /8 bytes: its shape needs 16/,
    ],
    ["a shape of fractions", safetensorsFile({ a: entry("F32", [0.5, 2], 0, 4) }, Buffer.alloc(4)), /not described by/],
    ["an entry that is none", safetensorsFile({ a: 5 }), /#a is not described by dtype, shape and data_offsets: 5/],
    ["a shape no disk holds", safetensorsFile({ a: entry("F32", [2 ** 50, 2 ** 50], 0, 4) }), /cannot be/],
  ])("%s", async (_, content, message) => {
    const path = written(content);
    await expect(openMatrix(path)).rejects.toThrow(message);
    await expect(openMatrix(path)).rejects.toThrow(path);
  });
});

describe("weights", () => {
  const arrays = { a: { shape: [2], data: Float32Array.of(1, 2) }, b: { shape: [1, 1], data: Float32Array.of(3) } };

  test("come from a cached artifact, whose checksum must fit, and from a file without one", async () => {
    const path = join(temporaryFolder(), "transform.safetensors");
    writeArtifact(path, { arrays, facts: {} });
    expect(await readWeights(path)).toEqual(arrays);
    const plain = safetensorsFile(
      { a: entry("F32", [2], 0, 8), b: entry("F64", [1, 1], 8, 16), step: entry("I64", [1], 16, 24) },
      Buffer.concat([bytesAs("<f4", [1, 2]), bytesAs("<f8", [3]), bytesAs("<i8", [4])]),
    );
    expect(await readWeights(written(plain))).toEqual(arrays);
  });

  test("of an altered artifact are refused", async () => {
    const path = join(temporaryFolder(), "transform.safetensors");
    writeArtifact(path, { arrays, facts: {} });
    writeFileSync(path, "\x01", { flag: "r+" });
    await expect(readWeights(path)).rejects.toThrow(path);
  });
});

test("a header written is one that is read", async () => {
  const header = safetensorsHeader("embeddings", 2, 3);
  expect(header.length % 8).toBe(0);
  const path = written(Buffer.concat([header, bytesAs("<f4", [1, 2, 3, 4, 5, 6])]));
  expect(await valuesOf(`${path}#embeddings`)).toEqual([1, 2, 3, 4, 5, 6]);
});
