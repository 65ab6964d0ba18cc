import { readArtifact } from "../core/artifacts/store";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { decodeFloats, isFloat } from "./element-type";
import { safetensorsContent } from "./find-array";
import { lookInto, type OpenedFile, type StoredArray, sizeInBytes } from "./stored-array";

/**
 * The floats of a safetensors file by name, all of them in memory. If the file is an artifact of
 * this library, its checksum must match.
 */
export async function readWeights(path: string): Promise<NamedArrays> {
  return lookInto(path, (file) => {
    const { arrays, metadata } = safetensorsContent(file);
    // Either mark is enough: damage to one must not pass the file off as another program's.
    if (metadata.sha256 !== undefined || metadata.facts !== undefined) return readArtifact(path).arrays;
    const floats = arrays.filter(({ type }) => isFloat(type));
    return Object.fromEntries(floats.map((array) => [array.name ?? "", floatsIn(file, array)] as const));
  });
}

function floatsIn({ path, read }: OpenedFile, { offset, shape, type }: StoredArray): NamedArray {
  return { shape, data: decodeFloats(read(offset, sizeInBytes(path, shape, type)), type) };
}
