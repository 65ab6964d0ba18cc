import { accessSync, constants, existsSync, lstatSync, statfsSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { encodeHeader } from "../core/artifacts/safetensors";
import { writeAtomically } from "../core/artifacts/store";
import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import { npyHeader } from "./npy";
import { shardPlaces } from "./shards";

/** The size of a matrix to write. */
interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * What an output must not harm: inputs, and whatever has its name already, unless replaced; and the
 * endings that it may have, any if they are absent.
 */
interface Kept {
  readonly inputs: readonly (string | undefined)[];
  readonly replace: boolean;
  readonly endings?: readonly string[];
}

/** The file beside an output that holds its first rows until all are written. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/**
 * Writes a matrix as NPY or safetensors (array "embeddings"), by the ending of `path`, in place of
 * what may be there. Throws InputError on another ending, and if there is no room for it.
 */
export function writeMatrix(path: string, matrix: Matrix): void {
  const { data } = matrix;
  const header = outputHeader(path, matrix, { inputs: [], replace: true });
  writeAtomically(path, header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/**
 * The first bytes of a file for a matrix of 32-bit floats: NPY or safetensors (array "embeddings"),
 * by the ending of `path`. Throws InputError if the ending is another, if `path` exists and shall
 * not be replaced, if it or its unfinished file is one of the inputs, or if the folder is missing,
 * not writable or too full.
 */
export function outputHeader(path: string, { rows, columns }: MatrixSize, kept: Kept): Uint8Array {
  const header = headerFor(path, rows, columns);
  requireOutput(path, kept);
  requireRoom(path, dirname(resolve(path)), header.length + 4 * rows * columns);
  return header;
}

/**
 * Throws InputError if `path` cannot become an output: if it exists and shall not be replaced, if
 * it or its unfinished file is one of the inputs, if it has another ending, or if its folder is
 * missing or not writable.
 */
export function requireOutput(path: string, { inputs, replace, endings }: Kept): void {
  const folder = dirname(resolve(path));
  requireWritable(path, folder);
  const files = inputs.flatMap((input) => (input === undefined ? [] : pathsIn(input)));
  if (files.some((input) => isSameFile(input, path) || isSameFile(input, partialPath(path)))) {
    throw new InputError({ file: path, fault: "it is an input", remedy: "name another file" });
  }
  if (endings !== undefined) requireEnding(path, endings);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new InputError({ file: path, fault: "it is a folder", remedy: "name a file in it" });
  if (there !== undefined && !replace) {
    throw new InputError({ file: path, fault: "it exists", remedy: "name another file, or replace it by --force" });
  }
}

/** Throws InputError if `path` does not end as its content asks for. */
export function requireEnding(path: string, endings: readonly string[]): void {
  if (endings.includes(extname(path))) return;
  throw new InputError({ file: path, fault: `its ending must be ${endings.join(" or ")}` });
}

function headerFor(path: string, rows: number, columns: number): Uint8Array {
  requireEnding(path, [".npy", ".safetensors"]);
  if (extname(path) === ".npy") return npyHeader(rows, columns);
  return encodeHeader([{ name: "embeddings", dtype: "F32", shape: [rows, columns], bytes: 4 * rows * columns }]);
}

function requireWritable(path: string, folder: string): void {
  if (!existsSync(folder)) throw new InputError({ file: path, fault: `there is no folder ${folder}` });
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const fault = `nothing can be written in ${folder} (${(cause as NodeJS.ErrnoException).code})`;
    throw new InputError({ file: path, fault, remedy: "name a file in a folder of your own", cause });
  }
}

/**
 * The paths that a place such as "file.csv#column" may mean: it whole, and what stands before a
 * "#"; those of all files that it names.
 */
function pathsIn(place: string): readonly string[] {
  const shards = shardPlaces(place);
  if (shards !== null) return shards.flatMap(pathsIn);
  const marks = [...place.matchAll(/#/g)].map(({ index }) => index);
  return [place, ...marks.map((mark) => place.slice(0, mark))];
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

function requireRoom(path: string, folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const written = statSync(partialPath(path), { throwIfNoEntry: false })?.size ?? 0;
  const needed = bytes - written;
  if (needed <= bavail * bsize) return;
  throw new InputError({ file: path, fault: `it needs ${needed} more bytes, ${folder} has ${bavail * bsize} free` });
}
