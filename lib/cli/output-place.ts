import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { npyHeader } from "../data/npy";
import { safetensorsHeader } from "../data/safetensors";

/**
 * The bytes that begin a file of a matrix at `path`, NPY or safetensors (array "embeddings") by its ending. Throws on other
 * endings, a folder that is missing or too full, and where `path` is one of `inputs`.
 */
export function outputHeader(
  path: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  inputs: readonly string[],
): Uint8Array {
  const header = headerFor(path, rows, columns);
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) throw new Error(`${path}: there is no folder ${folder}`);
  if (existsSync(path) && statSync(path).isDirectory()) throw new Error(`${path} is a folder: name a file in it`);
  if (inputs.some((input) => resolve(input) === resolve(path))) throw new Error(`${path} is input: write elsewhere`);
  const { bavail, bsize } = statfsSync(folder);
  const unfinished = `${path}.partial`;
  const there = existsSync(unfinished) ? statSync(unfinished).size : 0;
  const needed = header.length + 4 * rows * columns - there;
  if (needed > bavail * bsize) {
    throw new Error(`${path} needs ${needed} more bytes, ${bavail * bsize} are free in ${folder}`);
  }
  return header;
}

function headerFor(path: string, rows: number, columns: number): Uint8Array {
  switch (extname(path)) {
    case ".npy":
      return npyHeader(rows, columns);
    case ".safetensors":
      return safetensorsHeader("embeddings", rows, columns);
    default:
      throw new Error(`${path}: .npy and .safetensors are allowed`);
  }
}
