import { existsSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";

/** Called with the bytes that are there and those of the whole file. */
export type BytesReport = (done: number, total: number) => void;

/**
 * Downloads `url`, of `bytes` bytes, to `path`. What has come lies in `<path>.partial`: the
 * download is resumed by an HTTP range, or begun anew if the server sends the whole file. Throws on
 * any other answer, a wrong length or a full disk; what has come then stays.
 */
export async function download(url: string, bytes: number, path: string, report: BytesReport): Promise<void> {
  const partial = `${path}.partial`;
  if (existsSync(partial) && statSync(partial).size > bytes) await rm(partial);
  const have = existsSync(partial) ? statSync(partial).size : 0;
  if (have < bytes) await append(url, { partial, have, bytes, report });
  const { size } = statSync(partial);
  if (size < bytes)
    throw new Error(`${url} ended after ${size} of ${bytes} bytes; they are kept: run the same command again`);
  await rename(partial, path);
}

interface Unfinished {
  readonly partial: string;
  readonly have: number;
  readonly bytes: number;
  readonly report: BytesReport;
}

async function append(url: string, { partial, have, bytes, report }: Unfinished): Promise<void> {
  const response = await fetch(url, have > 0 ? { headers: { range: `bytes=${have}-` } } : {}).catch(
    (cause: unknown) => {
      throw new Error(`${url} cannot be reached: ${reasonOf(cause)}`, { cause });
    },
  );
  const start = startOf(url, response, have);
  const file = await open(partial, start === 0 ? "w" : "a");
  let done = start;
  try {
    for await (const chunk of response.body ?? []) {
      done += chunk.length;
      if (done > bytes) throw new Error(`${url} is longer than ${bytes} bytes`);
      await file.writeFile(chunk);
      report(done, bytes);
    }
  } catch (cause) {
    throw new Error(`${url}: ${reasonOf(cause)}; ${partial} is kept: run the same command again`, { cause });
  } finally {
    await file.close();
  }
}

/** Where the answer's body begins in the file: a server may ignore the range. */
function startOf(url: string, { status, headers }: Response, have: number): number {
  if (status === 200) return 0;
  const range = headers.get("content-range");
  if (status === 206 && range?.startsWith(`bytes ${have}-`)) return have;
  throw new Error(`${url} answers ${status}${range === null ? "" : ` with range ${range}`} to bytes from ${have} on`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if ("code" in error && error.code === "ENOSPC") return "the disk is full";
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
