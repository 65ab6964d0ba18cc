import { unexpected } from "../core/check";
import { InputError } from "../core/input-error";
import { type Matrix, matrix } from "../core/matrix";
import type { MatrixFile } from "./stored-matrix";

type Shard = NonNullable<MatrixFile["shards"]>[number];

/** Each stays open; a process may usually open 1024 files. */
const mostShards = 512;

/**
 * One matrix whose rows are those of all files, one file after the other. Throws InputError if
 * their columns differ, or if there are more than 512.
 */
export async function shardedMatrix(
  place: string,
  places: readonly string[],
  open: (place: string) => Promise<MatrixFile>,
): Promise<MatrixFile> {
  if (places.length > mostShards) {
    const fault = `names ${places.length} files: at most ${mostShards} are allowed`;
    throw new InputError({ file: place, fault, remedy: "name fewer at once, or join them" });
  }
  const shards: Shard[] = [];
  const close = async (): Promise<void> => {
    for (const { file } of shards) await file.close();
  };
  try {
    let first = 0;
    for (const each of places) {
      const file = await open(each);
      shards.push({ file, first });
      first += file.rows;
      const [{ file: one } = { file }] = shards;
      if (file.columns === one.columns) continue;
      const fault = `has ${file.columns} columns, ${one.name} ${one.columns}: they must be equal`;
      throw new InputError({ file: file.name, fault });
    }
    const columns = shards[0]?.file.columns ?? 0;
    const read = (from: number, end: number): Promise<Matrix> => rowsOf(shards, { from, end, columns, rows: first });
    return { name: place, path: place, rows: first, columns, read, close, shards };
  } catch (error) {
    await close();
    throw error;
  }
}

async function rowsOf(
  shards: readonly Shard[],
  { from, end, columns, rows }: { from: number; end: number; columns: number; rows: number },
): Promise<Matrix> {
  if (!(from >= 0 && from <= end && end <= rows)) throw unexpected("rows", `some of ${rows}`, `${from} to ${end}`);
  const touched = shards.filter(({ file, first }) => first < end && first + file.rows > from);
  const blocks = await Promise.all(
    touched.map(({ file, first }) => file.read(Math.max(0, from - first), Math.min(file.rows, end - first))),
  );
  const [only, ...others] = blocks;
  if (only !== undefined && others.length === 0) return only;
  const joined = matrix(end - from, columns);
  let at = 0;
  for (const { data } of blocks) {
    joined.data.set(data, at);
    at += data.length;
  }
  return joined;
}

/** Some consecutive rows of a matrix, as one of its own. */
export function someRows(file: MatrixFile, first: number, end: number): MatrixFile {
  if (!(first >= 0 && first < end && end <= file.rows)) {
    throw unexpected("rows", `some of ${file.rows}`, `${first} to ${end}`);
  }
  const name = `${file.name}, rows ${first} to ${end - 1}`;
  const read = (from: number, until: number): Promise<Matrix> => file.read(first + from, first + until);
  return { name, path: file.path, rows: end - first, columns: file.columns, read, close: file.close };
}
