import { readRegularFile } from "../core/input/open-file";
import { zipEntries } from "../core/input/zip";
import { InputError } from "../core/input-error";
import { chosenArray, type Wanted } from "./find-array";
import { npyArray } from "./npy";
import { endsEarly, type OpenedFile, type StoredArray } from "./stored-array";
import { type MatrixFile, storedMatrix } from "./stored-matrix";

/** An array in an NPZ file, and the bytes that it lies in. */
export interface PackedArray {
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

/**
 * The array that `place` names in an NPZ file (numpy.savez, compressed or not), as findArray names
 * those of safetensors; null if it names another file. The file is read whole; if `place` names an
 * array, no other is unpacked. Throws InputError.
 */
export async function findPacked(place: string, wanted: Wanted): Promise<PackedArray | null> {
  const found = npzPlace(place);
  if (found === null) return null;
  const { path, name } = found;
  const packed = new Map<string, PackedArray>();
  const others: string[] = [];
  let total = 0;
  for await (const entry of zipEntries(path, await readRegularFile(path, { most: largestFile }))) {
    const own = entry.path.replace(/\.npy$/, "");
    if (name !== undefined && own !== name) {
      others.push(own);
      continue;
    }
    if (packed.has(own)) throw new InputError({ file: path, place: own, fault: "occurs twice" });
    total += entry.size;
    if (total > mostUnpacked) throw new InputError({ file: path, fault: `unpacks to more than ${mostUnpacked} bytes` });
    const file = contentOf(`${path}#${own}`, await entry.content());
    packed.set(own, { array: { ...npyArray(file), path, name: own }, file });
  }
  const arrays = [...packed.values()].map(({ array }) => array);
  const chosen = chosenArray({ path, arrays, others }, name, wanted);
  return packed.get(chosen.name ?? "") ?? null;
}

/** The matrix that `place` names in an NPZ file; null if it names another file. */
export async function npzArray(place: string, wanted: Wanted): Promise<MatrixFile | null> {
  const found = await findPacked(place, wanted);
  if (found === null) return null;
  return storedMatrix(
    found.array,
    async (first, count) => found.file.read(first, count),
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
