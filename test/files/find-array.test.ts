import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLabels } from "../../lib/files/labels";
import { openMatrix } from "../../lib/files/matrix-file";
import { readWeights } from "../../lib/files/weights";
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
      /other.* single \(F32, of 2 values\), .*embeddings \(F64, 2 x 2\), fp8 \(F8_E4M3\)/,
    );
    await expect(openMatrix(`${path}#labels`)).rejects.toThrow(/#labels.* I64, of 2 values.*2-d array of numbers/);
  });

  test("two matrices must be told apart, and one must be there", async () => {
    const two = safetensorsFile({ a: entry("F16", [1, 1], 0, 2), b: entry("BF16", [1, 1], 2, 4) }, Buffer.alloc(4));
    await expect(openMatrix(written(two))).rejects.toThrow(/more than one 2-d array of numbers.*#name/);
    await expect(openMatrix(written(safetensorsFile({})))).rejects.toThrow(/no 2-d array of numbers.*nothing/);
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
    ["a header that is not JSON", safetensorsFile("{nothing"), /header is not JSON/],
    ["text", Buffer.from("text of some length"), /length of a header/],
    ["a header beyond the file", safetensorsFile("{}").subarray(0, 9), /cut short: 10 bytes.*9/],
    ["an array beyond the file", safetensorsFile({ a: entry("F32", [2, 2], 0, 16) }, Buffer.alloc(9)), /cut short/],
    ["an entry that is none", safetensorsFile({ a: 5 }), /array a .*dtype, shape and data_offsets/],
  ])("%s", async (_, content, message) => {
    const path = written(content);
    for (const reading of [openMatrix, readLabels, readWeights]) {
      await expect(reading(path)).rejects.toThrow(message);
      await expect(reading(path)).rejects.toThrow(path);
    }
  });
});

describe("a header whose length looks like another format", () => {
  const padded = (length: number): Buffer => {
    const header = { l: entry("I64", [2], 0, 16), e: entry("F32", [1, 2], 16, 24) };
    const values = Buffer.concat([bytesAs("<i8", [3, -4]), bytesAs("<f4", [1.5, 2])]);
    return safetensorsFile(JSON.stringify(header).padEnd(length), values);
  };

  test.each([
    ["a pickle", 0x80],
    ["a pickle of protocol 2", 0x280],
    ["a zip archive", 0x4b50],
  ])("is read all the same: %s", async (_, length) => {
    const path = written(padded(length));
    expect(await valuesOf(path)).toEqual([1.5, 2]);
    expect([...(await readLabels(path))]).toEqual([3, -4]);
  });
});
