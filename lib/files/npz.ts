import { readRegularFile } from "../core/input/open-file";
import { zipEntries } from "../core/input/zip";
import { InputError } from "../core/input-error";
import { isOfNumbers } from "./element-type";
import { chosenArray, type Wanted } from "./find-array";
import { npyArray, npyType } from "./npy";
import { endsEarly, type OpenedFile, type StoredArray } from "./stored-array";
import { type MatrixFile, storedMatrix } from "./stored-matrix";

/** An array in an NPZ file, and the bytes that it lies in. */
interface PackedArray {
  readonly array: StoredArray;
  readonly file: OpenedFile;
}

// Node reads no larger file at once.
const largestFile = 2 ** 31 - 1;
/** Unpacked arrays may be larger than the archive, but not without bound. */
const mostUnpacked = 2 ** 32;

/** The path and array that `place` names if it is an NPZ file; null for other files. */
function npzPlace(place: string): { readonly path: string; readonly name: string | undefined } | null {
  const [, path = "", , name] = /^(.+\.npz)(#(.+))?$/.exec(place) ?? [];
  return path === "" ? null : { path, name };
}

/** What is unpacked of an NPZ file: all of it, or the array that was named. */
export interface Unpacked {
  readonly path: string;
  readonly name: string | undefined;
  /** By the names of arrays. */
  readonly files: ReadonlyMap<string, OpenedFile>;
  /** Names of the arrays that were not unpacked. */
  readonly others: readonly string[];
}

/**
 * Unpacks the NPZ file (numpy.savez, compressed or not) that `place` names, as findArray names
 * arrays of safetensors; null if it names another file. The file is read whole; if `place` names an
 * array, no other is unpacked. Throws InputError.
 */
export async function unpackedNpz(place: string): Promise<Unpacked | null> {
  const found = npzPlace(place);
  if (found === null) return null;
  const { path, name } = found;
  const files = new Map<string, OpenedFile>();
  const others: string[] = [];
  let total = 0;
  for await (const entry of zipEntries(path, await readRegularFile(path, { most: largestFile }))) {
    const own = entry.path.replace(/\.npy$/, "");
    if (name !== undefined && own !== name) {
      others.push(own);
      continue;
    }
    if (files.has(own)) throw new InputError({ file: path, place: own, fault: "occurs twice" });
    total += entry.size;
    if (total > mostUnpacked) throw new InputError({ file: path, fault: `unpacks to more than ${mostUnpacked} bytes` });
    files.set(own, contentOf(`${path}#${own}`, await entry.content()));
  }
  return { path, name, files, others };
}

/**
 * The array that was named, or the only one that fits; arrays of no numbers, such as texts, are
 * none. Throws InputError.
 */
export function packedArray({ path, name, files, others }: Unpacked, wanted: Wanted): PackedArray {
  const isRead = (file: OpenedFile): boolean => name !== undefined || isOfNumbers(npyType(file));
  const arrays = [...files].filter(([, file]) => isRead(file));
  const unread = [...files].filter(([, file]) => !isRead(file)).map(([own, file]) => `${own} (${npyType(file)})`);
  const known = arrays.map(([own, file]) => ({ ...npyArray(file), path, name: own }));
  const array = chosenArray({ path, arrays: known, others: [...unread, ...others] }, name, wanted);
  return { array, file: files.get(array.name ?? "") as OpenedFile };
}

/** The matrix that `place` names in an NPZ file; null if it names another file. */
export async function npzArray(place: string, wanted: Wanted): Promise<MatrixFile | null> {
  const unpacked = await unpackedNpz(place);
  if (unpacked === null) return null;
  const { array, file } = packedArray(unpacked, wanted);
  return storedMatrix(
    array,
    async (first, count) => file.read(first, count),
    async () => {},
  );
}

function contentOf(path: string, content: Buffer): OpenedFile {
  const read = (first: number, count: number): Uint8Array<ArrayBuffer> => {
    if (first + count > content.length) throw endsEarly(path, first + count, content.length);
    return new Uint8Array(content.subarray(first, first + count));
  };
  return { path, bytes: content.length, read };
}
