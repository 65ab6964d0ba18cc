import { lstatSync } from "node:fs";
import { type FileHandle, link, rename, rm, stat } from "node:fs/promises";
import { InputError } from "../core/input-error";

interface Written {
  readonly partial: string;
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Writes all of `bytes` from byte `start` on. */
export async function writeFully(file: FileHandle, { partial, bytes, start }: Written): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, start + done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw new Error(`${partial} could not be written: ${(cause as Error).message}`, { cause });
  }
}

interface Placing {
  readonly partial: string;
  readonly path: string;
  readonly replace: boolean;
}

/** Gives an open file its final name, and looks whether the file of that name is the open one. */
export async function placeFile(file: FileHandle, { partial, path, replace }: Placing): Promise<void> {
  await requireOwn(file, partial);
  if (replace) await rename(partial, path);
  else await linkedOrRenamed(partial, path);
  // The two names can be of one file: after a link, or if a run was killed just here.
  if (await isFile(file, partial)) await rm(partial, { force: true });
  await requireOwn(file, path);
}

async function requireOwn(file: FileHandle, path: string): Promise<void> {
  if (await isFile(file, path)) return;
  throw new Error(`${path} is not what this run has written: another process has changed it meanwhile`);
}

async function isFile(file: FileHandle, path: string): Promise<boolean> {
  const open = await file.stat({ bigint: true });
  const named = await stat(path, { bigint: true }).catch(() => null);
  return named !== null && named.ino === open.ino && named.dev === open.dev && named.size === open.size;
}

/** A link, unlike a new name, replaces no file that has appeared meanwhile. */
async function linkedOrRenamed(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST" || lstatSync(path, { throwIfNoEntry: false })) {
      const remedy = `all rows are in ${partial}: move that file, or run again with --force`;
      throw new InputError({ file: path, fault: "it has appeared meanwhile", remedy, cause });
    }
    // Some file systems have no links.
    await rename(partial, path);
  }
}
