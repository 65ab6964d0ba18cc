import { closeSync, readSync } from "node:fs";
import { becameShorter, mostAtOnce, openRegularFile } from "../core/input/open-file";
import { InputError } from "../core/input-error";
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

/** Opens a file while `look` runs. Throws InputError unless it is a regular file. */
export function lookInto<T>(path: string, look: (file: OpenedFile) => T): T {
  const { descriptor, bytes } = openRegularFile(path);
  try {
    const read = (first: number, count: number): Uint8Array<ArrayBuffer> => {
      if (first + count > bytes) throw endsEarly(path, first + count, bytes);
      const part = new Uint8Array(count);
      for (let done = 0; done < count; ) {
        const found = readSync(descriptor, part, done, Math.min(count - done, mostAtOnce), first + done);
        if (found === 0) throw becameShorter(path);
        done += found;
      }
      return part;
    };
    return look({ path, bytes, read });
  } finally {
    closeSync(descriptor);
  }
}

/** The error of a truncated file. */
export function endsEarly(path: string, expected: number, found: number): InputError {
  return new InputError({ file: path, fault: `is cut short: ${expected} bytes are expected, ${found} found` });
}

/** Bytes that the values of an array take. Throws InputError if a number cannot count them. */
export function sizeInBytes(path: string, shape: readonly number[], type: ElementType): number {
  const size = shape.reduce((product, length) => product * length, type.bytes);
  if (Number.isSafeInteger(size)) return size;
  throw new InputError({ file: path, fault: `an array of ${shape.join(" x ")} is too large` });
}

/** How messages name the array, such as "a.safetensors#embeddings". */
export function nameOf({ path, name }: StoredArray): string {
  return name === null ? path : `${path}#${name}`;
}

/** How messages describe a shape. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.length === 1 ? `of ${shape[0]} values` : shape.join(" x ");
}
