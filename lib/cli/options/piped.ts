import { mkdtempSync, openSync, readSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "../../core/artifacts/store";
import { fullPath } from "./command";

/** What files begin with whose format is known by it; anything else is taken to be CSV. */
const formats: readonly (readonly [string, (start: Buffer) => boolean])[] = [
  [".npy", (start) => start.toString("latin1", 0, 6) === "\x93NUMPY"],
  [".npz", (start) => start.toString("latin1", 0, 2) === "PK"],
  [".parquet", (start) => start.toString("latin1", 0, 4) === "PAR1"],
  [".safetensors", (start) => start.length > 8 && start.readUInt32LE(4) === 0 && start[8] === "{".charCodeAt(0)],
];

let piped: string | null = null;

/**
 * The full path of an input, as fullPath; "-" is standard input, "-#name" a part of it. It is
 * copied to the disk of the temporary folder, where it goes with the process however that ends; the
 * path is a link to it, named by its format.
 */
export function inputPath(name: string): string {
  if (!/^-(#|$)/.test(name)) return fullPath(name);
  piped ??= copied();
  return piped + name.slice(1);
}

function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), "fct-input-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "standard-input");
  const start = Buffer.alloc(16);
  let length = 0;
  const file = openSync(path, "wx+");
  rmSync(path);
  for (const piece of pieces()) {
    if (length < start.length) piece.copy(start, length);
    length += piece.length;
    writeWhole(file, piece);
  }
  const begun = start.subarray(0, Math.min(length, start.length));
  const ending = formats.find(([, matches]) => matches(begun))?.[0] ?? ".csv";
  symlinkSync(`/proc/${process.pid}/fd/${file}`, path + ending);
  return path + ending;
}

function* pieces(): Generator<Buffer, void, undefined> {
  const buffer = Buffer.alloc(2 ** 20);
  for (;;) {
    const count = readOrWait(buffer);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

/** A pipe that has nothing to read yet says so instead of waiting, if another has set it so. */
function readOrWait(buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(0, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
