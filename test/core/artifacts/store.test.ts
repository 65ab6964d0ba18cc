import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Artifact,
  CorruptedFile,
  readArtifact,
  writeArtifact,
  writeAtomically,
} from "../../../lib/core/artifacts/store";
import { sha256 } from "../../../lib/core/hash";
import { temporaryFolder } from "../../temporary-folder";

const artifact: Artifact = {
  arrays: {
    "weights.a": { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 3e38, 1e-40, -0) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
    step: { shape: [], data: Float32Array.of(7) },
    "labels é": { shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  },
  facts: { losses: [2.5, 1e-7], name: "é \u0000", nested: { list: [null, true] } },
};

function written(value: Artifact = artifact): string {
  const path = join(temporaryFolder(), "a.safetensors");
  writeArtifact(path, value);
  return path;
}

/** Reading each of `contents` from a file throws CorruptedFile with the file's path. */
function expectDamaged(contents: readonly Uint8Array[]): void {
  const path = join(temporaryFolder(), "damaged.safetensors");
  for (const [index, content] of contents.entries()) {
    writeFileSync(path, content);
    expect(() => readArtifact(path), `content ${index}`).toThrow(CorruptedFile);
    expect(() => readArtifact(path), `content ${index}`).toThrow(`${path}: it is damaged: `);
  }
}

describe("an artifact", () => {
  test("comes back as it was written, to the bit", () => {
    const back = readArtifact(written());
    expect(back).toEqual(artifact);
    expect(Object.is(back.arrays["weights.a"]?.data[5], -0)).toBe(true);
  });

  test("keeps the nearest floats of 16 bits if asked, and none that are too large for them", () => {
    const path = join(temporaryFolder(), "half.safetensors");
    const kept = { ...artifact, arrays: { w: { shape: [4], data: Float32Array.of(1, 0.1, -65504, 1e-9) } } };
    writeArtifact(path, kept, "F16");
    expect([...(readArtifact(path).arrays.w?.data ?? [])]).toEqual([1, 0.0999755859375, -65504, 0]);
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    expect(() => readArtifact(path)).toThrow(CorruptedFile);
    expect(() => writeArtifact(path, artifact, "F16")).toThrow(
      /^array weights\.a: expected values up to 65504 in 16 bits/,
    );
  });

  test("gives the same bytes again, from equal values and from views into larger buffers", () => {
    const bytes = readFileSync(written());
    expect(readFileSync(written(structuredClone(artifact)))).toEqual(bytes);
    expect(readFileSync(written(readArtifact(written())))).toEqual(bytes);
    const inside = Float32Array.of(9, 1, -2, 0.5, 3e38, 1e-40, -0, 9).subarray(1, 7);
    const viewed = { ...artifact.arrays, "weights.a": { shape: [2, 3], data: inside } };
    expect(readFileSync(written({ ...artifact, arrays: viewed }))).toEqual(bytes);
  });

  test("never changes its bytes silently", () => {
    expect(sha256(readFileSync(written()))).toBe("f8c746dd92b8327581d8aa337999601ec9e8808a8b62b1ec9dbb4f6d37ad28ae");
    const arrays = {
      b: { shape: [1], data: Float32Array.of(1) },
      1: { shape: [2], data: Int32Array.of(1, 2) },
      0: { shape: [1], data: Float32Array.of(4) },
    };
    const numbered = written({ arrays, facts: { z: 1, a: "x" } });
    expect(sha256(readFileSync(numbered))).toBe("c71907e6f9fc519cfe380001f4afb0dfb03112101f633634186b8a9de741ea30");
    const empty = written({ arrays: {}, facts: {} });
    expect(sha256(readFileSync(empty))).toBe("579683b690904c082b80d62ede81b16c6ca819d1a4bbcfbf8798fc9c7ff90581");
  });

  test("differs in its bytes when a value, a shape, a name or a fact differs", () => {
    const one = { shape: [2], data: Float32Array.of(1, 2) };
    const variants: Artifact[] = [
      { arrays: { a: one }, facts: {} },
      { arrays: { a: { ...one, data: Float32Array.of(1, 2.0000002) } }, facts: {} },
      { arrays: { a: { ...one, shape: [1, 2] } }, facts: {} },
      { arrays: { b: one }, facts: {} },
      { arrays: { a: one }, facts: { n: 1 } },
    ];
    const contents = variants.map((variant) => readFileSync(written(variant)).toString("hex"));
    expect(new Set(contents).size).toBe(variants.length);
  });

  test("is a safetensors file: a JSON header, then the arrays end to end, little-endian", () => {
    const file = readFileSync(written());
    const length = Number(file.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const { __metadata__, ...entries } = JSON.parse(file.toString("utf8", 8, 8 + length));
    expect(entries).toEqual({
      "weights.a": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      empty: { dtype: "F32", shape: [0, 4], data_offsets: [24, 24] },
      step: { dtype: "F32", shape: [], data_offsets: [24, 28] },
      "labels é": { dtype: "I32", shape: [2], data_offsets: [28, 36] },
    });
    expect(Object.values(__metadata__).every((value) => typeof value === "string")).toBe(true);
    expect(file.length).toBe(8 + length + 36);
    expect(file.readFloatLE(8 + length + 8)).toBe(0.5);
    expect(file.readInt32LE(8 + length + 28)).toBe(-(2 ** 31));
  });

  test("whose facts have no JSON form is refused before a file is made", () => {
    const path = join(temporaryFolder(), "nan.safetensors");
    expect(() => writeArtifact(path, { arrays: {}, facts: { loss: Number.NaN } })).toThrow("NaN has no JSON form");
    expect(existsSync(path)).toBe(false);
  });
});

describe("a file is reported as damaged, by its path,", () => {
  test("when it is cut short anywhere", () => {
    const whole = readFileSync(written());
    const lengths = [0, 1, 7, 8, 9, 40, 120, whole.length - 37, whole.length - 36, whole.length - 4, whole.length - 1];
    expectDamaged(lengths.map((length) => whole.subarray(0, length)));
  });

  test("when bytes follow it", () => {
    expectDamaged([Buffer.concat([readFileSync(written()), Buffer.of(0)])]);
  });

  test("when any one of its bytes has changed, by any bit", () => {
    const whole = readFileSync(written());
    const flipped = (at: number): Buffer => {
      const copy = Buffer.from(whole);
      copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
      return copy;
    };
    expectDamaged(Array.from(whole, (_, at) => flipped(at)));
  });

  test.each<[string, Uint8Array]>([
    ["text", Buffer.from("this is no artifact at all, but text of some length")],
    ["zeros", Buffer.alloc(100)],
    ["an archive", Buffer.from("PK\u0003\u0004 and so on and so on")],
    ["a header that is null", framed("null    ")],
    ["a header that is a list", framed("[1, 2]  ")],
    ["a header whose metadata are text", framed('{"__metadata__":"text"}')],
    ["a checksum that is a number", framed('{"__metadata__":{"sha256":5}}')],
    ["an empty checksum", framed('{"__metadata__":{"sha256":""}}')],
    ["a checksum that is null", framed('{"__metadata__":{"sha256":null,"facts":"{}"}}')],
    ["facts that are an object", sealed("{}")],
    ["facts that are not JSON", sealed('"{nothing"')],
    ["facts that are a list", sealed('"[]"')],
    ["a safetensors file of another program", framed('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
  ])("when it is %s", (_, content) => {
    expectDamaged([content]);
  });

  /** A file without arrays whose checksum is right, with facts as written in its header. */
  function sealed(facts: string): Uint8Array {
    const withDigest = (digest: string): Uint8Array =>
      framed(`{"__metadata__":{"sha256":"${digest}","facts":${facts}}}`);
    return withDigest(sha256(withDigest("0".repeat(64))));
  }

  function framed(header: string, rest = 0): Uint8Array {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, Buffer.from(header), Buffer.alloc(rest)]);
  }
});

describe("an atomic write", () => {
  test("makes the folders, replaces the old content and leaves nothing else", () => {
    const folder = join(temporaryFolder(), "new", "folder");
    const path = join(folder, "file.txt");
    writeAtomically(path, "old");
    writeAtomically(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["file.txt"]);
  });

  test("that fails throws, and leaves no temporary file and the old content", () => {
    const folder = temporaryFolder();
    const path = join(folder, "taken");
    mkdirSync(path);
    writeFileSync(join(path, "kept"), "kept");
    expect(() => writeAtomically(path, "new")).toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
    expect(readFileSync(join(path, "kept"), "utf8")).toBe("kept");
  });
});
