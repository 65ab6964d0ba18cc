import { existsSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";

/** Called with the bytes that are there and those of the whole file, null while nobody knows. */
export type BytesReport = (done: number, total: number | null) => void;

/**
 * Downloads `url`, of `bytes` bytes, or of as many as the server says (null), to `path`. What has
 * come lies in `<path>.partial`: the download is resumed by an HTTP range, or begun anew if the
 * server sends the whole file. Throws on any other answer, a wrong length or a full disk; what has
 * come then stays, unless it is longer than the file.
 */
export async function download(url: string, bytes: number | null, path: string, report: BytesReport): Promise<void> {
  const partial = `${path}.partial`;
  if (existsSync(partial) && bytes !== null && statSync(partial).size > bytes) await rm(partial);
  const have = existsSync(partial) ? statSync(partial).size : 0;
  const whole = bytes !== null && have >= bytes ? bytes : await append(url, { partial, have, bytes, report });
  const { size } = statSync(partial);
  if (whole !== null && size < whole)
    throw new Error(`${url} ended after ${size} of ${whole} bytes; they are kept: run the same command again`);
  await rename(partial, path);
}

interface Unfinished {
  readonly partial: string;
  readonly have: number;
  readonly bytes: number | null;
  readonly report: BytesReport;
}

/** Returns the bytes of the whole file, null if nobody says. */
async function append(url: string, { partial, have, bytes, report }: Unfinished): Promise<number | null> {
  const elsewhere = `a folder that holds ${basename(partial, ".partial")} can be named in FCT_DATA_MIRROR`;
  const response = await fetch(url, have > 0 ? { headers: { range: `bytes=${have}-` } } : {}).catch(
    (cause: unknown) => {
      throw new Error(`${url} cannot be reached: ${reasonOf(cause)}; ${elsewhere}`, { cause });
    },
  );
  if (bytes === null && have > 0 && endsAt(response) === have) return have;
  const start = startOf(response, have);
  if (start === null) {
    const range = response.headers.get("content-range");
    const answer = `${response.status}${range === null ? "" : ` with range ${range}`}`;
    throw new Error(`${url} answers ${answer} to bytes from ${have} on; ${elsewhere}`);
  }
  const whole = bytes ?? lengthOf(response);
  const file = await open(partial, start === 0 ? "w" : "a");
  let done = start;
  try {
    for await (const chunk of response.body ?? []) {
      done += chunk.length;
      if (whole !== null && done > whole) break;
      await file.writeFile(chunk);
      report(done, whole);
    }
  } catch (cause) {
    throw new Error(`${url}: ${reasonOf(cause)}; ${partial} is kept: run the same command again`, { cause });
  } finally {
    await file.close();
  }
  if (whole !== null && done > whole) {
    await rm(partial);
    throw new Error(`${url} is longer than the ${whole} bytes of the catalogue: the server has another file`);
  }
  return whole;
}

/** The bytes of the whole file as an answer tells them; null if it does not. */
function lengthOf({ headers }: Response): number | null {
  const [, total] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (total !== undefined) return Number(total);
  const length = headers.get("content-length");
  // A compressed body is longer than it says once it is unpacked.
  return length === null || headers.has("content-encoding") ? null : Number(length);
}

/** Where the file ends, as the answer to a range behind its end tells; null for any other. */
function endsAt({ status, headers }: Response): number | null {
  const [, end] = /^bytes \*\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  return status === 416 && end !== undefined ? Number(end) : null;
}

/** Where the body begins in the file; null for any other answer. A server may ignore the range. */
function startOf({ status, headers }: Response, have: number): number | null {
  if (status === 200) return 0;
  return status === 206 && headers.get("content-range")?.startsWith(`bytes ${have}-`) ? have : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if ("code" in error && error.code === "ENOSPC") return "the disk is full";
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
