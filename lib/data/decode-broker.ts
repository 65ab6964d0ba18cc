import { type ChildProcess, fork, type StdioOptions } from "node:child_process";
import { parentPort, workerData } from "node:worker_threads";
import { type BrokenAt, type DecodeBatch, type DecodeOrder, type DecodeTask, decodeBatch } from "./decode-batch";
import type { DecodeReply, DecodeRequest } from "./decode-child";

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
  readonly jobs: Map<number, Job>;
  ready: boolean;
  lastWords: string;
}

/** Enough that a process decodes one image while it hands over another. */
const jobsPerProcess = 3;
const mostEnded = 3;

const { processes, childPath } = workerData as BrokerData;
const waiting: Job[] = [];
const children = new Set<Child>();
/** The images that each batch still lacks; a batch that failed is not here. */
const lacking = new Map<DecodeBatch, number>();
let requests = 0;

function startChild(): void {
  const stdio: StdioOptions = ["ignore", "ignore", "pipe", "ipc"];
  const process = fork(childPath, [], { serialization: "advanced", stdio, execArgv: [] });
  const child: Child = { process, jobs: new Map(), ready: false, lastWords: "" };
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
    replace(child, signal ?? `exit code ${code}`);
  });
}

/** A process that ended is replaced and its jobs go on, but a job at which several ended counts as a broken image. */
function replace(child: Child, how: string): void {
  if (!child.ready) {
    post({ kind: "failed", id: null, reason: `a decoding process did not start (${how}) ${child.lastWords}`.trim() });
    return;
  }
  for (const job of child.jobs.values()) {
    const ended = job.ended + 1;
    if (ended < mostEnded) waiting.unshift({ ...job, ended });
    else finish(job, `${job.task.path}: ${ended} decoding processes ended at it, the last by ${how}`);
  }
  startChild();
}

function take(child: Child, reply: DecodeReply): void {
  if (reply.kind === "ready") {
    child.ready = true;
    return;
  }
  const job = child.jobs.get(reply.id);
  child.jobs.delete(reply.id);
  if (job === undefined) return;
  switch (reply.kind) {
    case "pixels":
      job.batch.fill(job.position, reply.pixels);
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

function handOut(): void {
  for (const child of children) {
    while (child.ready && child.jobs.size < jobsPerProcess) {
      const job = waiting.shift();
      if (job === undefined) return;
      if (!lacking.has(job.batch)) continue;
      const request: DecodeRequest = { id: requests++, ...job.task };
      child.jobs.set(request.id, job);
      child.process.send(request);
    }
  }
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

function accept(order: DecodeOrder): void {
  const batch = decodeBatch(order);
  lacking.set(batch, order.tasks.length);
  order.tasks.forEach((task, position) => {
    waiting.push({ batch, position, task, ended: 0 });
  });
  handOut();
}

parentPort?.on("message", accept);
for (let i = 0; i < processes; i++) startChild();
