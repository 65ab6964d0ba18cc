import { open } from "node:fs/promises";
import { readArtifact } from "../core/artifacts/store";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { decodeFloats, isFloat } from "./element-type";
import { safetensorsContent } from "./find-array";
import { lookInto, readFully, type StoredArray, sizeInBytes } from "./stored-array";

/**
 * The floats of a safetensors file by name, all of them in memory. If the file is an artifact of
 * this library, its checksum must match.
 */
export async function readWeights(path: string): Promise<NamedArrays> {
  const { arrays, metadata } = lookInto(path, safetensorsContent);
  if (metadata.sha256 !== undefined) return readArtifact(path).arrays;
  const entries: [string, NamedArray][] = [];
  for (const array of arrays.filter(({ type }) => isFloat(type))) {
    entries.push([array.name ?? "", { shape: array.shape, data: await valuesOf(array) }]);
  }
  return Object.fromEntries(entries);
}

async function valuesOf({ path, offset, shape, type }: StoredArray): Promise<Float32Array> {
  const file = await open(path, "r");
  try {
    return decodeFloats(await readFully(file, path, offset, sizeInBytes(path, shape, type)), type);
  } finally {
    await file.close();
  }
}
