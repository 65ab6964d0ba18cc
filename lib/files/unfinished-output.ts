import { createHash, type Hash } from "node:crypto";
import { lstatSync, rmSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { z } from "zod";
import { readRecord, writeRecord } from "../core/artifacts/record";
import { CorruptedFile } from "../core/artifacts/store";
import { InputError } from "../core/input-error";
import { partialPath } from "./matrix-output";
import { placeFile, writeFully } from "./placed-file";

/** The inputs of an output by their options. A later run continues it if all digests agree. */
export type Identity = Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;

/** What is written, and how earlier rows are taken up. */
interface OutputPlan {
  readonly header: Uint8Array;
  readonly columns: number;
  readonly identity: Identity;
  /** Replace a file that has the output's name. */
  readonly replace: boolean;
  /** Called with what the user should know: why rows of an earlier run are written again. */
  readonly warn: (message: string) => void;
  /** Called while earlier rows are read again, with the rows read; may throw to stop. */
  readonly onChecked: (rows: number, of: number) => void;
}

/** A file that is written in blocks of rows, which a later process can continue. */
interface UnfinishedOutput {
  /** The number of rows that earlier runs have written. */
  readonly done: number;
  readonly append: (rows: Float32Array) => Promise<void>;
  /** Records the state, from which a later run can continue even after a power failure. */
  readonly checkpoint: () => Promise<void>;
  /** Completes the file and gives it its final name. Throws if that file is not this one. */
  readonly finish: () => Promise<void>;
  /** Removes what has been written. */
  readonly discard: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const identitySchema: z.ZodType<Identity> = z.record(
  z.string(),
  z.strictObject({ file: z.string(), sha256: z.string() }),
);

const progressSchema = z.strictObject({
  done: z.int().min(0),
  /** SHA-256 of the header and the rows that are done; absent in records of earlier versions. */
  written: z.string().exactOptional(),
  identity: identitySchema,
});

type ProgressRecord = z.output<typeof progressSchema>;

/**
 * Opens `path`.partial for a header and rows of `columns` 32-bit floats, or continues it if an
 * earlier run with the same inputs has begun it. What that run wrote is read again: if a byte has
 * changed, a warning says so and the file is begun anew. Throws InputError, naming the option, if
 * it was begun with other inputs. One process at a time may do so.
 */
export async function unfinishedOutput(path: string, plan: OutputPlan): Promise<UnfinishedOutput> {
  const { header, columns, identity, replace } = plan;
  const partial = partialPath(path);
  const record = `${partial}.json`;
  const end = (rows: number): number => header.length + rows * 4 * columns;
  const { file, hash, rows } = (await continued(partial, record, { ...plan, end })) ?? (await begun(partial, header));
  let done = rows;
  const checkpoint = async (): Promise<void> => {
    await file.sync();
    writeRecord(record, { done, written: hash.copy().digest("hex"), identity });
  };
  return {
    done: rows,
    append: async (values) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      hash.update(bytes);
      await writeFully(file, { partial, bytes, start: end(done) });
      done += values.length / columns;
    },
    checkpoint,
    finish: async () => {
      await file.truncate(end(done));
      await checkpoint();
      await placeFile(file, { partial, path, replace });
      rmSync(record, { force: true });
    },
    discard: async () => {
      for (const each of [partial, record]) await rm(each, { force: true });
    },
    close: () => file.close(),
  };
}

/** An open file, the hash of what it holds so far, and the rows of that. */
interface Opened {
  readonly file: FileHandle;
  readonly hash: Hash;
  readonly rows: number;
}

/** A new file: should another process hold one of this name, the two are not mixed. */
async function begun(partial: string, header: Uint8Array): Promise<Opened> {
  for (const each of [partial, `${partial}.json`]) await rm(each, { force: true });
  const file = await open(partial, "wx+");
  await writeFully(file, { partial, bytes: header, start: 0 });
  return { file, hash: createHash("sha256").update(header), rows: 0 };
}

type Continuing = OutputPlan & { readonly end: (rows: number) => number };

/** Null if there is nothing to continue. */
async function continued(partial: string, record: string, plan: Continuing): Promise<Opened | null> {
  const { identity, warn, end } = plan;
  const earlier = recordOrNull(record, warn);
  const size = lstatSync(partial, { throwIfNoEntry: false })?.size ?? 0;
  if (earlier === null || size === 0) return null;
  requireSame(earlier.identity, identity, partial);
  const { done, written } = earlier;
  const anew = (fault: string): null => {
    warn(`${partial}: ${fault}; all rows are mapped again`);
    return null;
  };
  if (size < end(done)) return anew(`it is cut short: ${end(done)} bytes are expected, ${size} found`);
  if (written === undefined) return anew("it was begun by a version that kept no checksum of its rows");
  const file = await open(partial, "r+");
  try {
    const onBytes = (bytes: number): void => plan.onChecked(Math.floor((done * bytes) / end(done)), done);
    const hash = await hashOfStart(file, end(done), onBytes);
    if (hash.copy().digest("hex") === written) return { file, hash, rows: done };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return anew("its rows are not those that were written");
}

function recordOrNull(record: string, warn: (message: string) => void): ProgressRecord | null {
  try {
    return readRecord(record, progressSchema);
  } catch (error) {
    if (!(error instanceof CorruptedFile)) throw error;
    warn(`${error.message}; all rows are mapped again`);
    return null;
  }
}

function requireSame(earlier: Identity, identity: Identity, partial: string): void {
  const changes = changedInputs(earlier, identity);
  if (changes === null) return;
  throw new InputError({
    file: partial,
    fault: `it was begun with other inputs: ${changes}`,
    remedy: "use the same inputs, or remove it to start again",
  });
}

/** What differs between the inputs of two runs, in words; null if they are the same. */
export function changedInputs(earlier: Identity, now: Identity): string | null {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(now)])];
  const changed = names.filter((name) => earlier[name]?.sha256 !== now[name]?.sha256);
  const changes = changed.map((name) => `${name} was ${said(earlier[name])} and is ${said(now[name])}`);
  return changes.length === 0 ? null : changes.join("; ");
}

function said(part: Identity[string] | undefined): string {
  return part === undefined ? "absent" : `${part.file} (SHA-256 ${part.sha256.slice(0, 12)})`;
}

/** SHA-256 of the first bytes of a file, which `onBytes` follows; it may throw to stop. */
async function hashOfStart(file: FileHandle, end: number, onBytes: (bytes: number) => void): Promise<Hash> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(2 ** 22);
  for (let at = 0; at < end; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, end - at), at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
    onBytes(at);
  }
  return hash;
}
