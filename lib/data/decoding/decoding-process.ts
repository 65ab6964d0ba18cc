import { type ChildProcess, fork } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DecodeReply, type DecodeRequest, slotBytes } from "./messages";

/** A decoding process as its broker sees it. */
export interface DecodingProcess {
  /** Whether it takes requests. */
  readonly ready: () => boolean;
  readonly send: (request: DecodeRequest) => void;
  /** The pixels in a slot; the array is written over by the next call. */
  readonly pixels: (slot: number, bytes: number) => Uint8Array;
}

interface Listening {
  readonly replied: (reply: DecodeReply) => void;
  /** Called when it has ended, with the signal or exit code and the last it wrote to stderr. */
  readonly ended: (how: string, lastWords: string) => void;
}

/** Starts the program at `path` as a decoding process. */
export function startDecodingProcess(path: string, { replied, ended }: Listening): DecodingProcess {
  const file = namelessFile();
  const child = fork(path, [], { stdio: ["ignore", "ignore", "pipe", "ipc", file], execArgv: [] });
  const lastWords = lastOf(child);
  let ready = false;
  let scratch = new Uint8Array(0);
  child.on("message", (reply: DecodeReply) => {
    ready ||= reply.kind === "ready";
    replied(reply);
  });
  // What goes wrong with a process shows in its end.
  child.on("error", () => {});
  child.on("close", (code, signal) => {
    closeSync(file);
    ended(signal ?? `exit code ${code}`, lastWords());
  });
  return {
    ready: () => ready,
    send: (request) => void child.send(request),
    pixels: (slot, bytes) => {
      if (scratch.length < bytes) scratch = new Uint8Array(bytes);
      return scratch.subarray(0, readSync(file, scratch, 0, bytes, slot * slotBytes));
    },
  };
}

/**
 * A file of a few megabytes that only descriptors know: faster than a pipe for pixels, and gone
 * once the processes that hold it have ended.
 */
function namelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "decoded-"));
  const descriptor = openSync(join(folder, "pixels"), "w+");
  rmSync(folder, { recursive: true });
  return descriptor;
}

function lastOf({ stderr }: ChildProcess): () => string {
  let last = "";
  stderr?.on("data", (text: Buffer) => {
    last = (last + text.toString()).slice(-1000);
  });
  return () => last;
}
