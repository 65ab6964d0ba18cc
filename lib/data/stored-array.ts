import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ElementType } from "./element-type";

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
