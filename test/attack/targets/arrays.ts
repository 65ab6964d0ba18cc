import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArtifact, writeArtifact } from "../../../lib/core/artifacts/store";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { readAnyLabels } from "../../../lib/files/labels";
import { openMatrix } from "../../../lib/files/matrix-file";
import { readWeights } from "../../../lib/files/weights";
import { bytesAs, npyFile, safetensorsFile } from "../../files/npy-writer";
import type { FuzzTarget, Valid } from "../fuzz-target";
import { arraysText } from "./digest";

const stream = random("fuzz", "arrays");
/** Values that half precision holds. */
export const normals: readonly number[] = Array.from({ length: 12 }, () => Math.round(stream.normal() * 256) / 256);

/** What openMatrix reads, as text. */
export async function matrixText(place: string): Promise<string> {
  const file = await openMatrix(place);
  try {
    const { data } = await file.read(0, file.rows);
    return arraysText([{ name: "", shape: [file.rows, file.columns], data }]);
  } finally {
    await file.close();
  }
}

/** Embeddings in an NPY file. */
export const npyTarget: FuzzTarget = {
  name: "npy",
  valid: async () =>
    (["<f4", ">f4", "<f8", "<f2"] as const).flatMap((descr) =>
      [false, true].map((fortran) => ({
        file: "a.npy",
        bytes: npyFile({ descr, fortran, shape: [4, 3], version: fortran ? 2 : 1 }, bytesAs(descr, normals)),
      })),
    ),
  read: matrixText,
};

/** Labels of all kinds in NPY, safetensors and CSV files. */
export const labelsTarget: FuzzTarget = {
  name: "labels",
  valid: async () => [
    ...["<i8", "<u1", ">i4", "<u2"].map((descr) => ({
      file: "y.npy",
      bytes: npyFile({ descr: descr === "<u1" ? "|u1" : descr, shape: [6] }, bytesAs(descr, [0, 1, 2, 2, 1, 7])),
    })),
    { file: "y.npy", bytes: npyFile({ descr: "<U2", shape: [3] }, Buffer.from("ab\0\0a\0\0\0b\0é\0", "utf16le")) },
    { file: "y.npy", bytes: npyFile({ descr: "|S3", shape: [2] }, Buffer.from("abcd\0\0")) },
    { file: "y.npy", bytes: npyFile({ descr: "|b1", fortran: true, shape: [2, 3] }, Uint8Array.of(1, 0, 0, 1, 1, 1)) },
    { file: "y.csv", bytes: Buffer.from('class\n"a, b"\nc;d\n7\n') },
    { file: "y.csv", bytes: Buffer.from("1\n-20\n3\r\n") },
    {
      file: "y.safetensors",
      bytes: safetensorsFile({ y: { dtype: "I64", shape: [3], data_offsets: [0, 24] } }, bytesAs("<i8", [5, 6, 7])),
    },
  ],
  read: async (path) => {
    const labels = await readAnyLabels(path);
    if (labels.kind !== "numbers") return JSON.stringify(labels.values);
    return arraysText([{ name: "", shape: [labels.values.length], data: labels.values }]);
  },
};

const tensors = {
  __metadata__: { made: "by hand" },
  "old.0.linear": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  half: { dtype: "F16", shape: [4], data_offsets: [24, 32] },
  brain: { dtype: "BF16", shape: [2, 2], data_offsets: [32, 40] },
  steps: { dtype: "I64", shape: [], data_offsets: [40, 48] },
  wide: { dtype: "F64", shape: [1, 1], data_offsets: [48, 56] },
};

/** Weights and embeddings in a safetensors file of any program. */
export const safetensorsTarget: FuzzTarget = {
  name: "safetensors",
  valid: async () => {
    const values = Uint8Array.from({ length: 56 }, () => stream.integer(256));
    const padded = `${JSON.stringify(tensors)}${" ".repeat(13)}`;
    const one = { embeddings: { dtype: "F32", shape: [4, 3], data_offsets: [0, 48] } };
    return [
      { file: "w.safetensors", bytes: safetensorsFile(tensors, values) },
      { file: "w.safetensors", bytes: safetensorsFile(padded, values) },
      { file: "w.safetensors", bytes: safetensorsFile(one, bytesAs("<f4", normals)) },
    ];
  },
  read: async (path) => arraysText(named(await readWeights(path))),
};

/** Artifacts of the cache; half of them with a checksum that is right again. */
export const artifactTarget: FuzzTarget = {
  name: "artifact",
  valid: async () => {
    const bytes = artifactBytes({
      weights: { shape: [4, 3], data: Float32Array.from(normals) },
      steps: { shape: [2], data: Int32Array.of(1, -2) },
    });
    const file = "train-0123.safetensors";
    const sealed: Valid = { file, bytes, finish: withDigest };
    return [{ file, bytes }, sealed];
  },
  read: async (path) => {
    const { arrays, facts } = readArtifact(path);
    const names = Object.keys(facts).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `${JSON.stringify(names)}\n${arraysText(named(arrays))}`;
  },
};

function named(arrays: NamedArrays): Parameters<typeof arraysText>[0] {
  return Object.entries(arrays).map(([name, array]) => ({ name, ...array }));
}

function artifactBytes(arrays: NamedArrays): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "fct-fuzz-artifact-"));
  try {
    const path = join(folder, "a.safetensors");
    writeArtifact(path, { arrays, facts: { loss: [3, 2, 1], words: "made by hand" } });
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file with the digest that its content now has, if it still has the place of one. */
function withDigest(bytes: Buffer): Buffer {
  const [digest] = /(?<="sha256":")[0-9a-f]{64}(?=")/.exec(bytes.toString("latin1")) ?? [];
  if (digest === undefined) return bytes;
  const at = bytes.indexOf(digest);
  const sealed = Buffer.from(bytes);
  sealed.fill("0", at, at + 64);
  sealed.write(createHash("sha256").update(sealed).digest("hex"), at, "latin1");
  return sealed;
}
