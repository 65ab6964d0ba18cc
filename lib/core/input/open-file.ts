import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { InputError } from "../input-error";

/** A file that is open for reading, and its size in bytes. */
interface OpenedDescriptor {
  readonly descriptor: number;
  readonly bytes: number;
}

// A pipe that took the file's place after the look at it must not hold the program.
const readingOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file that a user named. Throws InputError if it is missing, unreadable or anything but a
 * regular file; a pipe or a device is not even opened.
 */
export function openRegularFile(path: string): OpenedDescriptor {
  checkRegularFile(path);
  const descriptor = naming(path, () => openSync(path, readingOnly));
  try {
    return { descriptor, bytes: regular(path, fstatSync(descriptor)).size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The same as a handle for reading beside other work. */
export async function openFileHandle(path: string): Promise<FileHandle> {
  checkRegularFile(path);
  const file = await open(path, readingOnly).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    regular(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The size in bytes of a file that a user named. Throws InputError unless it is a regular file. */
export function checkRegularFile(path: string): number {
  return regular(
    path,
    naming(path, () => statSync(path)),
  ).size;
}

/**
 * The content of a file that a user named. Throws InputError as `openRegularFile` does, and if the
 * file has more bytes than `most`, before it is read.
 */
export async function readRegularFile(path: string, { most }: { readonly most: number }): Promise<Buffer> {
  const bytes = checkRegularFile(path);
  if (bytes > most) {
    throw new InputError({ file: path, fault: `has ${bytes} bytes: at most ${most} are allowed` });
  }
  return readFile(path, { flag: readingOnly }).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** The InputError of a file or folder that the system does not let this program read. */
export function unreadable(path: string, cause: unknown, remedy?: string): InputError {
  return new InputError({ file: path, fault: systemFault(cause), ...(remedy === undefined ? {} : { remedy }), cause });
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "there is no such file: a part of its path is not a folder",
  EACCES: "may not be accessed by this user",
  EPERM: "may not be accessed by this user",
  EISDIR: "is a folder",
  ELOOP: "is a link that leads in a circle",
  ENAMETOOLONG: "has a longer name than the system allows",
  EEXIST: "is there already",
  ENOTEMPTY: "is a folder with content",
  ENOSPC: "cannot be written: the disk is full",
  EROFS: "cannot be written: the disk is read-only",
  EMFILE: "cannot be opened: too many files are open",
};

/** What a system error says about a file, in words. */
export function systemFault(cause: unknown): string {
  const { code, message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message: String(cause) };
  return faults[code ?? ""] ?? `cannot be used: ${message}`;
}

function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function regular(path: string, stats: Stats): Stats {
  if (stats.isFile()) return stats;
  throw new InputError({ file: path, fault: `is ${kindOf(stats)}: a regular file is allowed` });
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

/** Linux returns at most 2 GiB from one read. */
export const mostAtOnce: number = 2 ** 30;

/** Bytes start .. start + count - 1 of an open file. Throws InputError if it ends before. */
export async function readFully(
  file: FileHandle,
  path: string,
  start: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(count - done, mostAtOnce), start + done);
    if (bytesRead === 0) throw becameShorter(path);
    done += bytesRead;
  }
  return bytes;
}

/** The error of a file that has lost bytes since it was opened. */
export function becameShorter(path: string): InputError {
  return new InputError({ file: path, fault: "became shorter while it was read" });
}
