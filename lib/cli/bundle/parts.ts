import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { writeAtomically, writeWhole } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";

/** The file that lists the parts, each with its SHA-256, as sha256sum takes it. */
const checksumFile = "SHA256SUMS";
/** Names of parts sort in their order up to this number. */
const mostParts = 999;

/** What was written: the number of parts, and bytes in all. */
export interface WrittenParts {
  readonly parts: number;
  readonly bytes: number;
}

interface OpenPart {
  readonly name: string;
  readonly file: number;
  readonly hash: Hash;
  bytes: number;
}

/**
 * A stream that writes what it is given to files part-001, part-002, ... of `partSize` bytes, the
 * last one of fewer, and at the end SHA256SUMS; `onBytes` follows. Fails with RangeError beyond 999
 * parts.
 */
export function partsIn(
  folder: string,
  partSize: number,
  onBytes: (bytes: number) => void = () => {},
): { readonly stream: Writable; readonly written: () => WrittenParts } {
  const sums: string[] = [];
  let bytes = 0;
  let part: OpenPart | null = null;
  const close = (): void => {
    if (part === null) return;
    closeSync(part.file);
    sums.push(`${part.hash.digest("hex")}  ${part.name}\n`);
    part = null;
  };
  const write = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      part ??= opened(folder, sums.length + 1, partSize);
      const piece = chunk.subarray(at, at + partSize - part.bytes);
      part.hash.update(piece);
      writeWhole(part.file, piece);
      part.bytes += piece.length;
      at += piece.length;
      bytes += piece.length;
      if (part.bytes === partSize) close();
    }
    onBytes(bytes);
  };
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => done(faultOf(() => write(chunk))),
    final: (done) =>
      done(
        faultOf(() => {
          close();
          writeAtomically(join(folder, checksumFile), ...sums);
        }),
      ),
    destroy: (error, done) => done(error ?? faultOf(close)),
  });
  return { stream, written: () => ({ parts: sums.length, bytes }) };
}

function opened(folder: string, number: number, partSize: number): OpenPart {
  if (number > mostParts) throw unexpected("part size", `a size that gives at most ${mostParts} parts`, partSize);
  const name = `part-${String(number).padStart(3, "0")}`;
  return { name, file: openSync(join(folder, name), "wx"), hash: createHash("sha256"), bytes: 0 };
}

/** What a stream is told of synchronous work. */
function faultOf(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (error) {
    return error as Error;
  }
}
