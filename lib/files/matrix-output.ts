import { existsSync, readFileSync, rmSync, statfsSync, statSync } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { z } from "zod";
import { encodeHeader } from "../core/artifacts/safetensors";
import { writeAtomically } from "../core/artifacts/store";
import { npyHeader } from "./npy";

/**
 * The first bytes of a file for a matrix of 32-bit floats: NPY or safetensors (array "embeddings"),
 * by the ending of `path`. Throws if the ending is another, if the folder is missing or too full,
 * or if `path` is one of `inputs`.
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
  if (inputs.some((input) => resolve(input) === resolve(path)))
    throw new Error(`${path} is an input: name another file`);
  const { bavail, bsize } = statfsSync(folder);
  const unfinished = `${path}.partial`;
  const there = existsSync(unfinished) ? statSync(unfinished).size : 0;
  const needed = header.length + 4 * rows * columns - there;
  if (needed > bavail * bsize) {
    throw new Error(`${path} needs ${needed} more bytes, ${folder} has ${bavail * bsize} free`);
  }
  return header;
}

function headerFor(path: string, rows: number, columns: number): Uint8Array {
  switch (extname(path)) {
    case ".npy":
      return npyHeader(rows, columns);
    case ".safetensors":
      return encodeHeader([{ name: "embeddings", dtype: "F32", shape: [rows, columns], bytes: 4 * rows * columns }]);
    default:
      throw new Error(`${path}: .npy and .safetensors are allowed`);
  }
}

/** The inputs of an output by their options. A later run continues it if all digests agree. */
export type Identity = Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;

/** A file that is written in blocks of rows, which a later process can continue. */
interface UnfinishedOutput {
  /** The number of rows that earlier runs have written. */
  readonly done: number;
  readonly append: (rows: Float32Array) => Promise<void>;
  /** Records the state, from which a later run can continue even after a power failure. */
  readonly checkpoint: () => Promise<void>;
  /** Completes the file and gives it its final name. */
  readonly finish: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const progressRecord = z.strictObject({
  done: z.int().min(0),
  identity: z.record(z.string(), z.strictObject({ file: z.string(), sha256: z.string() })),
});

/**
 * Opens `path`.partial for a header and rows of `columns` 32-bit floats, or continues it if an
 * earlier run with the same inputs has begun it. Throws, naming the option, if it was begun with
 * other inputs.
 */
export async function unfinishedOutput(
  path: string,
  { header, columns, identity }: { readonly header: Uint8Array; readonly columns: number; readonly identity: Identity },
): Promise<UnfinishedOutput> {
  const partial = `${path}.partial`;
  const record = `${partial}.json`;
  const rowBytes = 4 * columns;
  const end = (rows: number): number => header.length + rows * rowBytes;
  const earlier = existsSync(partial) ? rowsDone(record, partial, identity) : 0;
  const start = earlier > 0 && statSync(partial).size >= end(earlier) ? earlier : 0;
  const file = await open(partial, start > 0 ? "r+" : "w");
  let done = start;
  if (start === 0) {
    rmSync(record, { force: true });
    await writeFully(file, header, 0);
  }
  return {
    done: start,
    append: async (rows) => {
      await writeFully(file, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), end(done));
      done += rows.length / columns;
    },
    checkpoint: async () => {
      await file.datasync();
      writeAtomically(record, `${JSON.stringify({ done, identity }, null, 2)}\n`);
    },
    finish: async () => {
      await file.truncate(end(done));
      await file.sync();
      await rename(partial, path);
      rmSync(record, { force: true });
    },
    close: () => file.close(),
  };
}

function rowsDone(record: string, partial: string, identity: Identity): number {
  if (!existsSync(record)) return 0;
  const { done, identity: earlier } = parsedRecord(record, partial);
  const changed = Object.keys(identity).filter((name) => earlier[name]?.sha256 !== identity[name]?.sha256);
  if (changed.length === 0) return done;
  const changes = changed.map((name) => `${name} was ${said(earlier[name])} and is ${said(identity[name])}`);
  throw new Error(
    `${partial} was begun with other inputs: ${changes.join("; ")}. Use the same inputs, or ${remove(partial)}`,
  );
}

function said(part: Identity[string] | undefined): string {
  return part === undefined ? "absent" : `${part.file} (SHA-256 ${part.sha256.slice(0, 12)})`;
}

function parsedRecord(record: string, partial: string): z.output<typeof progressRecord> {
  try {
    return progressRecord.parse(JSON.parse(readFileSync(record, "utf8")));
  } catch (cause) {
    throw new Error(`${record} is not a record of progress: ${remove(partial)}`, { cause });
  }
}

function remove(partial: string): string {
  return `remove ${partial} to start again`;
}

async function writeFully(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, start + done);
    done += bytesWritten;
  }
}
