import { open } from "node:fs/promises";
import { decodeIntegers } from "./decode-elements";
import { isFloat } from "./element-type";
import { findArray } from "./find-array";
import { readFully } from "./matrix-file";
import { nameOf, sizeInBytes } from "./stored-array";

/** Classes of items from a 1-d array of whole numbers (see findArray). Throws on an empty one and on numbers beyond 2^53. */
export async function readLabels(place: string): Promise<Float64Array> {
  const array = findArray(place, {
    fits: ({ shape, type }) => shape.length === 1 && !isFloat(type),
    description: "1-d array of whole numbers (labels.astype(np.int64).ravel())",
  });
  const size = sizeInBytes(array.path, array.shape, array.type);
  if (size === 0) throw new RangeError(`${nameOf(array)} is empty: one label a row is needed`);
  const file = await open(array.path, "r");
  try {
    const labels = decodeIntegers(await readFully(file, array.path, array.offset, size), array.type);
    const at = labels.findIndex((label) => !Number.isSafeInteger(label));
    if (at < 0) return labels;
    throw new RangeError(`${nameOf(array)}[${at}] is about ${labels[at]}: labels within 2^53 of 0 are allowed`);
  } finally {
    await file.close();
  }
}
