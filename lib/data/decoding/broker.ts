import { type ChildProcess, fork } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import {
  type BrokenAt,
  type DecodeBatch,
  type DecodeOrder,
  type DecodeReply,
  type DecodeRequest,
  type DecodeTask,
  decodeBatch,
  slotBytes,
} from "./messages";

/** What comes of an order; `failed` without an id means that no order can be served. */
export type DecodeResult =
  | {
      readonly kind: "decoded";
      readonly id: number;
      readonly values: Float32Array;
      readonly broken: readonly BrokenAt[];
    }
  | { readonly kind: "failed"; readonly id: number | null; readonly reason: string };

/** What the thread is started with. */
export interface BrokerData {
  readonly processes: number;
  /** How many images a process has in hand. */
  readonly imagesEach: number;
  readonly childPath: string;
}

// The entry of a thread that owns the decoding processes. It takes their pixels in and normalises them while the main thread is
// inside TensorFlow; a whole batch then changes hands without a copy. It never loads TensorFlow, whose backend is one a process.

interface Job {
  readonly batch: DecodeBatch;
  readonly position: number;
  readonly task: DecodeTask;
  /** How many processes ended while they had it. */
  readonly ended: number;
}

interface Child {
  readonly process: ChildProcess;
  /** The file through which pixels come, a slot for each of its jobs at once. */
  readonly pixels: number;
  /** By slot. */
  readonly jobs: Map<number, Job>;
  ready: boolean;
  lastWords: string;
}

const mostEnded = 3;
const mostFailedStarts = 3;

const { processes, imagesEach, childPath } = workerData as BrokerData;
const waiting: Job[] = [];
const children = new Set<Child>();
let failedStarts = 0;
/** The images that each batch still lacks; a batch that failed is not here. */
const lacking = new Map<DecodeBatch, number>();

function startChild(): void {
  const pixels = namelessFile();
  const process = fork(childPath, [], { stdio: ["ignore", "ignore", "pipe", "ipc", pixels], execArgv: [] });
  const child: Child = { process, pixels, jobs: new Map(), ready: false, lastWords: "" };
  children.add(child);
  process.stderr?.on("data", (text: Buffer) => {
    child.lastWords = (child.lastWords + text.toString()).slice(-1000);
  });
  process.on("message", (reply: DecodeReply) => {
    take(child, reply);
    handOut();
  });
  // What goes wrong with a process shows in its end.
  process.on("error", () => {});
  process.on("close", (code, signal) => {
    children.delete(child);
    closeSync(pixels);
    replace(child, signal ?? `exit code ${code}`);
  });
}

/** A file of a few megabytes that only descriptors know: faster than a pipe for pixels, and gone with those who hold it. */
function namelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "decoded-"));
  const descriptor = openSync(join(folder, "pixels"), "w+");
  rmSync(folder, { recursive: true });
  return descriptor;
}

/** A process that ended is replaced and its jobs go on, but a job at which several ended counts as a broken image. */
function replace(child: Child, how: string): void {
  failedStarts += child.ready ? 0 : 1;
  if (failedStarts >= mostFailedStarts) {
    post({ kind: "failed", id: null, reason: `decoding processes do not start (${how}) ${child.lastWords}`.trim() });
    return;
  }
  for (const job of child.jobs.values()) {
    const ended = job.ended + 1;
    if (ended < mostEnded) waiting.unshift({ ...job, ended });
    else finish(job, `${ended} decoding processes ended at it, the last by ${how}`);
  }
  startChild();
}

function take(child: Child, reply: DecodeReply): void {
  if (reply.kind === "ready") {
    child.ready = true;
    failedStarts = 0;
    return;
  }
  const job = child.jobs.get(reply.slot);
  child.jobs.delete(reply.slot);
  if (job === undefined) return;
  switch (reply.kind) {
    case "pixels":
      job.batch.fill(job.position, pixelsIn(child, reply.slot, reply.bytes));
      finish(job, null);
      return;
    case "broken":
      finish(job, reply.reason);
      return;
    case "unreadable":
      lacking.delete(job.batch);
      post({ kind: "failed", id: job.batch.id, reason: reply.reason });
      return;
  }
}

let scratch = new Uint8Array(0);

function pixelsIn({ pixels }: Child, slot: number, bytes: number): Uint8Array {
  if (scratch.length < bytes) scratch = new Uint8Array(bytes);
  return scratch.subarray(0, readSync(pixels, scratch, 0, bytes, slot * slotBytes));
}

/** Gives every free slot of the processes that are ready a job. */
function handOut(): void {
  for (const child of children) {
    for (let slot = 0; child.ready && slot < imagesEach; slot++) {
      if (child.jobs.has(slot)) continue;
      const job = nextJob();
      if (job === undefined) return;
      child.jobs.set(slot, job);
      child.process.send({ slot, ...job.task } satisfies DecodeRequest);
    }
  }
}

/** The next job whose batch has not failed. */
function nextJob(): Job | undefined {
  let job = waiting.shift();
  while (job !== undefined && !lacking.has(job.batch)) job = waiting.shift();
  return job;
}

function finish({ batch, position }: Job, broken: string | null): void {
  const left = lacking.get(batch);
  if (left === undefined) return;
  if (broken !== null) batch.broken.push({ position, reason: broken });
  lacking.set(batch, left - 1);
  if (left > 1) return;
  lacking.delete(batch);
  const { id, values } = batch;
  post({ kind: "decoded", id, values, broken: [...batch.broken].sort((a, b) => a.position - b.position) }, [
    values.buffer as ArrayBuffer,
  ]);
}

function post(result: DecodeResult, transferred: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(result, transferred);
}

/** What the main thread sends: a batch to decode, or the memory of one that it is done with. */
export type BrokerMessage =
  | { readonly kind: "decode"; readonly order: DecodeOrder }
  | { readonly kind: "recycle"; readonly values: Float32Array };

const mostSpare = 4;
const spare: Float32Array[] = [];

function accept(message: BrokerMessage): void {
  switch (message.kind) {
    case "decode":
      begin(message.order);
      return;
    case "recycle":
      spare.push(message.values);
      spare.splice(0, spare.length - mostSpare);
      return;
  }
}

function begin(order: DecodeOrder): void {
  const batch = decodeBatch(order, spare);
  lacking.set(batch, order.tasks.length);
  order.tasks.forEach((task, position) => {
    waiting.push({ batch, position, task, ended: 0 });
  });
  handOut();
}

parentPort?.on("message", accept);
for (let i = 0; i < processes; i++) startChild();
