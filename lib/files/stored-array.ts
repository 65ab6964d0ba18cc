import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { ElementType } from "./element-type";

/** An array in a file, row-major unless `columnMajor`, from byte `offset` on. */
export interface StoredArray {
  readonly path: string;
  /** Its name if the file can hold several; null otherwise. */
  readonly name: string | null;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly columnMajor: boolean;
  readonly offset: number;
}

/** A file that is open for reading, and its size. */
export interface OpenedFile {
  readonly path: string;
  readonly bytes: number;
  /** Bytes first .. first + count - 1, in memory of their own. Throws if the file ends before. */
  readonly read: (first: number, count: number) => Uint8Array<ArrayBuffer>;
}

/** Opens a file while `look` runs. Throws, naming it, if it is missing, a folder or unreadable. */
export function lookInto<T>(path: string, look: (file: OpenedFile) => T): T {
  const descriptor = opened(path);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`${path} is ${stat.isDirectory() ? "a folder" : "not a regular file"}`);
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

/** Bytes that the values of an array take. Throws RangeError if a number cannot count them. */
export function sizeInBytes(path: string, shape: readonly number[], type: ElementType): number {
  const size = shape.reduce((product, length) => product * length, type.bytes);
  if (!Number.isSafeInteger(size)) throw new RangeError(`${path}: an array of ${shape.join(" x ")} is too large`);
  return size;
}

/** How messages name the array, such as "a.safetensors#embeddings". */
export function nameOf({ path, name }: StoredArray): string {
  return name === null ? path : `${path}#${name}`;
}

/** How messages describe a shape. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.length === 1 ? `of ${shape[0]} values` : shape.join(" x ");
}

/** Linux returns at most 2 GiB from one read. */
const mostAtOnce = 2 ** 30;

/** Bytes start .. start + count - 1 of an open file. Throws if it ends before. */
export async function readFully(
  file: FileHandle,
  path: string,
  start: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(count - done, mostAtOnce), start + done);
    if (bytesRead === 0) throw new Error(`${path} became shorter while it was read: it ends at byte ${start + done}`);
    done += bytesRead;
  }
  return bytes;
}
