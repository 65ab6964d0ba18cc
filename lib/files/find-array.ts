import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ElementType } from "./element-type";
import { isNpy, npyArray } from "./npy";
import { safetensorsContent } from "./safetensors";

/** What is looked for: `fits` says which arrays may be meant, `description` what they are, such as "2-d array of floats". */
interface Wanted {
  readonly fits: (array: StoredArray) => boolean;
  readonly description: string;
}

/**
 * The array that `place` names: an NPY file, a safetensors file with a single array that fits, or "file.safetensors#name".
 * Told apart by their first bytes. Throws where there is none, or more than one.
 */
export function findArray(place: string, wanted: Wanted): StoredArray {
  const [, path = place, name] = /^(.+\.safetensors)#(.+)$/.exec(place) ?? [];
  return lookInto(path, (file) => {
    const start = file.read(0, Math.min(file.bytes, 6));
    refuseOthers(path, start, file.bytes);
    if (!isNpy(start)) {
      if (!path.endsWith(".safetensors")) throw new Error(`${path} is neither an NPY file nor called .safetensors`);
      return inSafetensors(file, name, wanted);
    }
    if (name !== undefined) throw new Error(`${path} is an NPY file of one array: name it without #${name}`);
    const array = npyArray(file);
    if (!wanted.fits(array)) throw new Error(`${path} holds ${described(array)}: a ${wanted.description} is allowed`);
    return array;
  });
}

function inSafetensors(file: OpenedFile, name: string | undefined, { fits, description }: Wanted): StoredArray {
  const { arrays, others } = safetensorsContent(file);
  const all = [...arrays.map((array) => `${array.name} (${described(array)})`), ...others].join(", ") || "nothing";
  if (name === undefined) {
    const [first, ...more] = arrays.filter(fits);
    if (first !== undefined && more.length === 0) return first;
    const count = first === undefined ? "no" : "more than one";
    throw new Error(`${file.path} has ${count} ${description}; name one as ${file.path}#name. It holds ${all}`);
  }
  const named = arrays.find((array) => array.name === name);
  if (named === undefined) throw new Error(`${file.path} has no array ${name}. It holds ${all}`);
  if (!fits(named)) throw new Error(`${file.path}#${name} is ${described(named)}: a ${description} is allowed`);
  return named;
}

function described({ type, shape }: StoredArray): string {
  return `${type.code}, ${shapeText(shape)}`;
}

/** Files that are often mistaken for an array, by their first bytes. */
function refuseOthers(path: string, start: Uint8Array, bytes: number): void {
  if (bytes === 0) throw new Error(`${path} is an empty file`);
  if (start[0] === 0x50 && start[1] === 0x4b) {
    throw new Error(`${path} is a zip archive (NPZ or PyTorch): save one array, np.save("array.npy", a)`);
  }
  if (start[0] === 0x80 && bytes > 1 && (start[1] ?? 9) <= 5) {
    throw new Error(`${path} is a Python pickle, which is not read because it may run code: np.save("array.npy", a)`);
  }
}

/** An array that lies in a file: row-major unless `columnMajor`, from byte `offset` on. */
export interface StoredArray {
  readonly path: string;
  /** Its name among several; null in a file of one. */
  readonly name: string | null;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly columnMajor: boolean;
  readonly offset: number;
}

/** The beginning of a file, its size, and more of it where needed. */
export interface OpenedFile {
  readonly path: string;
  readonly bytes: number;
  /** Bytes first .. first + count - 1; throws where the file ends before. */
  readonly read: (first: number, count: number) => Uint8Array<ArrayBuffer>;
}

/** Opens a file for as long as `look` takes. Throws naming the path where it is missing, a folder or not to be read. */
export function lookInto<T>(path: string, look: (file: OpenedFile) => T): T {
  const descriptor = opened(path);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`${path} is ${stat.isDirectory() ? "a folder" : "no regular file"}`);
    const read = (first: number, count: number): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(Math.min(count, Math.max(0, stat.size - first)));
      if (bytes.length < count) throw new Error(endsEarly(path, first + count, stat.size));
      if (readSync(descriptor, bytes, 0, count, first) !== count)
        throw new Error(`${path} became shorter while it was read`);
      return bytes;
    };
    return look({ path, bytes: stat.size, read });
  } finally {
    closeSync(descriptor);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new Error(unreadable(path, cause as NodeJS.ErrnoException), { cause });
  }
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return `there is no file ${path}`;
  if (code === "EACCES") return `${path} may not be read by this user`;
  return `${path} cannot be opened: ${message}`;
}

/** The message of a truncated file. */
export function endsEarly(path: string, expected: number, found: number): string {
  return `${path} is cut short: ${expected} bytes are expected, ${found} found`;
}

/** Bytes that values of `shape` take; throws RangeError where no machine could count them. */
export function sizeInBytes(path: string, shape: readonly number[], type: ElementType): number {
  const size = shape.reduce((product, length) => product * length, type.bytes);
  if (!Number.isSafeInteger(size)) throw new RangeError(`${path}: an array of ${shape.join(" x ")} cannot be`);
  return size;
}

/** The array as messages name it, such as "a.safetensors#embeddings". */
export function nameOf({ path, name }: StoredArray): string {
  return name === null ? path : `${path}#${name}`;
}

/** Its shape as messages say it. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.length === 1 ? `of ${shape[0]} values` : shape.join(" x ");
}
