import { fstatSync, writeSync } from "node:fs";
import { writeWhole } from "../core/artifacts/store";
import { clearProgress } from "../core/progress";

/**
 * Makes lost output an error of this process: if standard output cannot be written, the process
 * ends with a line on standard error and an exit code that is not 0. A reader that has seen enough,
 * such as `head`, is not an error. In a terminal, output takes the place of a line of progress.
 */
export function watchOutput(): void {
  let failure: NodeJS.ErrnoException | null = null;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") failure ??= error;
  };
  process.stdout.on("error", failed);
  // What cannot be told to anybody must not end the work.
  process.stderr.on("error", () => {});
  if (isFile()) process.stdout._write = writeToFile(failed);
  for (const stream of [process.stdout, process.stderr]) if (stream.isTTY) stream.write = afterProgress(stream);
  process.on("exit", () => {
    clearProgress();
    if (failure === null) return;
    process.exitCode = process.exitCode === undefined || process.exitCode === 0 ? 1 : process.exitCode;
    complain(`error: the output could not be written: ${failure.message}\n`);
  });
}

function afterProgress(stream: NodeJS.WriteStream): typeof stream.write {
  const write = stream.write.bind(stream) as (...content: readonly unknown[]) => boolean;
  return (...content: readonly unknown[]) => {
    clearProgress();
    return write(...content);
  };
}

/** Neither a terminal nor a pipe, which Node writes to the end. */
function isFile(): boolean {
  // Numbers of a pipe that stay behind in Node's buffer end its next resolution of a link (20.19);
  // those of BigInt have another buffer.
  const stat = fstatSync(1, { bigint: true });
  return !process.stdout.isTTY && !stat.isFIFO() && !stat.isSocket();
}

/** Node itself writes a part of a text to a disk that becomes full, and does not say so. */
function writeToFile(failed: (error: Error) => void): typeof process.stdout._write {
  return (chunk: Buffer | string, encoding, done) => {
    try {
      writeWhole(1, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    } catch (error) {
      // At once, for a process that exits before the stream tells.
      failed(error as Error);
    }
    done();
  };
}

function complain(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The exit code says it.
  }
}
