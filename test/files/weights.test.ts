import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeArtifact } from "../../lib/core/artifacts/store";
import { readWeights } from "../../lib/files/weights";
import { temporaryFolder } from "../temporary-folder";
import { bytesAs, safetensorsFile } from "./npy-writer";

describe("weights", () => {
  const arrays = { a: { shape: [2], data: Float32Array.of(1, 2) }, b: { shape: [1, 1], data: Float32Array.of(3) } };

  test("come from a cached artifact, whose checksum must fit, and from a file without one", async () => {
    const path = join(temporaryFolder(), "transform.safetensors");
    writeArtifact(path, { arrays, facts: {} });
    expect(await readWeights(path)).toEqual(arrays);
    const header = {
      a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      b: { dtype: "F64", shape: [1, 1], data_offsets: [8, 16] },
      step: { dtype: "I64", shape: [1], data_offsets: [16, 24] },
    };
    const values = Buffer.concat([bytesAs("<f4", [1, 2]), bytesAs("<f8", [3]), bytesAs("<i8", [4])]);
    const plain = join(temporaryFolder(), "plain.safetensors");
    writeFileSync(plain, safetensorsFile(header, values));
    expect(await readWeights(plain)).toEqual(arrays);
  });

  test.each(["sha256", "facts"])("of an artifact whose mark %s is damaged are refused", async (mark) => {
    const path = join(temporaryFolder(), "transform.safetensors");
    writeArtifact(path, { arrays, facts: {} });
    const bytes = readFileSync(path);
    bytes.write("x", bytes.indexOf(`"${mark}"`) + 1);
    writeFileSync(path, bytes);
    await expect(readWeights(path)).rejects.toThrow(path);
  });

  test("of an altered artifact are refused", async () => {
    const path = join(temporaryFolder(), "transform.safetensors");
    writeArtifact(path, { arrays, facts: {} });
    writeFileSync(path, "\x01", { flag: "r+" });
    await expect(readWeights(path)).rejects.toThrow(path);
  });
});
