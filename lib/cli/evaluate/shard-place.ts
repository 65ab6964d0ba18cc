import { InputError } from "../../core/input-error";
import { matrixRows, openMatrices } from "../../files/matrix-file";
import { someRows } from "../../files/sharded-matrix";
import { shardsAt } from "../../files/shards";
import type { MatrixFile } from "../../files/stored-matrix";

/** The i-th of n shards of a gallery, from 1. */
export interface ShardNumber {
  readonly index: number;
  readonly of: number;
}

/** Where a shard lies: some of the files that hold the gallery, or some rows of the only one. */
export interface ShardPlace {
  /** The place of the whole gallery names that many files. */
  readonly files: number;
  readonly places: readonly string[];
  /** From this of the files on. */
  readonly fromFile: number;
  readonly first: number;
  /** Rows of the only file; null if the shard holds whole files. */
  readonly rows: readonly [number, number] | null;
  /** Rows of the whole gallery. */
  readonly total: number;
}

/** Throws InputError if there are fewer files, or rows of the only one, than shards. */
export async function placeOf(gallery: string, { index, of }: ShardNumber): Promise<ShardPlace> {
  const all = shardsAt(gallery) ?? [gallery];
  const counts: number[] = [];
  for (const each of all) counts.push(await matrixRows(each));
  const rowsBefore = (file: number): number => counts.slice(0, file).reduce((sum, count) => sum + count, 0);
  const total = rowsBefore(all.length);
  const isSingle = all.length === 1;
  const pieces = isSingle ? total : all.length;
  if (pieces < of) {
    const fault = `holds ${pieces} ${isSingle ? "rows" : "files"}, fewer than the ${of} shards of --shard ${index}/${of}`;
    throw new InputError({ file: gallery, fault });
  }
  const [from, end] = [index - 1, index].map((edge) => Math.floor((pieces * edge) / of)) as [number, number];
  if (isSingle) return { files: 1, places: all, fromFile: 0, first: from, rows: [from, end], total };
  return {
    files: all.length,
    places: all.slice(from, end),
    fromFile: from,
    first: rowsBefore(from),
    rows: null,
    total,
  };
}

export async function openPlace(gallery: string, { places, rows }: ShardPlace): Promise<MatrixFile> {
  const file = await openMatrices(gallery, places);
  return rows === null ? file : someRows(file, ...rows);
}
