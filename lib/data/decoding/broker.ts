import type { MessagePort } from "node:worker_threads";
import { type DecodingProcess, startDecodingProcess } from "./decoding-process";
import {
  type BrokenAt,
  type DecodeBatch,
  type DecodeOrder,
  type DecodeReply,
  type DecodeTask,
  decodeBatch,
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

/** What the main thread sends: a batch to decode, or the memory of one that it is done with. */
export type BrokerMessage =
  | { readonly kind: "decode"; readonly order: DecodeOrder }
  | { readonly kind: "recycle"; readonly values: Float32Array };

/** What the thread is started with. */
export interface BrokerData {
  readonly processes: number;
  /** How many images a process has in hand. */
  readonly imagesEach: number;
  readonly childPath: string;
}

interface Job {
  readonly batch: DecodeBatch;
  readonly position: number;
  readonly task: DecodeTask;
  /** How many processes ended while they had it. */
  readonly ended: number;
}

interface Child {
  readonly process: DecodingProcess;
  /** What the process has in hand, by slot. */
  readonly jobs: Map<number, Job>;
}

interface Broker extends BrokerData {
  readonly post: (result: DecodeResult, transferred?: readonly ArrayBuffer[]) => void;
  readonly waiting: Job[];
  readonly children: Set<Child>;
  /** How many images each batch still lacks; a batch that failed is not here. */
  readonly lacking: Map<DecodeBatch, number>;
  /** Memory of batches that nobody reads any more. */
  readonly spare: Float32Array[];
  failedStarts: number;
}

const mostEnded = 3;
const mostFailedStarts = 3;
const mostSpare = 4;

/**
 * Owns the decoding processes in a thread of its own: takes in their pixels and normalises them
 * while the main thread is inside TensorFlow. A whole batch then changes hands without a copy.
 * TensorFlow must not be loaded here: a process has one backend.
 */
export function serveBatches(data: BrokerData, port: MessagePort | null): void {
  const broker: Broker = {
    ...data,
    post: (result, transferred = []) => port?.postMessage(result, transferred),
    waiting: [],
    children: new Set(),
    lacking: new Map(),
    spare: [],
    failedStarts: 0,
  };
  port?.on("message", (message: BrokerMessage) => accept(broker, message));
  for (let i = 0; i < data.processes; i++) startChild(broker);
}

function accept(broker: Broker, message: BrokerMessage): void {
  switch (message.kind) {
    case "decode":
      begin(broker, message.order);
      return;
    case "recycle":
      broker.spare.push(message.values);
      broker.spare.splice(0, broker.spare.length - mostSpare);
      return;
  }
}

function begin(broker: Broker, order: DecodeOrder): void {
  const batch = decodeBatch(order, broker.spare);
  broker.lacking.set(batch, order.tasks.length);
  order.tasks.forEach((task, position) => void broker.waiting.push({ batch, position, task, ended: 0 }));
  handOut(broker);
}

function startChild(broker: Broker): void {
  const child: Child = {
    jobs: new Map(),
    process: startDecodingProcess(broker.childPath, {
      replied: (reply) => {
        take(broker, child, reply);
        handOut(broker);
      },
      ended: (how, lastWords) => {
        broker.children.delete(child);
        replace(broker, child, how, lastWords);
      },
    }),
  };
  broker.children.add(child);
}

/**
 * Replaces a process that ended. Its jobs go on, but an image at which several processes ended
 * counts as broken.
 */
function replace(broker: Broker, child: Child, how: string, lastWords: string): void {
  broker.failedStarts += child.process.ready() ? 0 : 1;
  if (broker.failedStarts >= mostFailedStarts) {
    const reason = `decoding processes do not start (${how}) ${lastWords}`.trim();
    broker.post({ kind: "failed", id: null, reason });
    return;
  }
  for (const job of child.jobs.values()) {
    const ended = job.ended + 1;
    if (ended < mostEnded) broker.waiting.unshift({ ...job, ended });
    else finish(broker, job, `${ended} decoding processes ended at it, the last by ${how}`);
  }
  startChild(broker);
}

function take(broker: Broker, { process, jobs }: Child, reply: DecodeReply): void {
  if (reply.kind === "ready") {
    broker.failedStarts = 0;
    return;
  }
  const job = jobs.get(reply.slot);
  jobs.delete(reply.slot);
  if (job === undefined) return;
  switch (reply.kind) {
    case "pixels":
      job.batch.fill(job.position, process.pixels(reply.slot, reply.bytes));
      finish(broker, job, null);
      return;
    case "broken":
      finish(broker, job, reply.reason);
      return;
    case "unreadable":
      broker.lacking.delete(job.batch);
      broker.post({ kind: "failed", id: job.batch.id, reason: reply.reason });
      return;
  }
}

/** Gives every free slot of the processes that are ready a job. */
function handOut(broker: Broker): void {
  for (const { process, jobs } of broker.children) {
    for (let slot = 0; process.ready() && slot < broker.imagesEach; slot++) {
      if (jobs.has(slot)) continue;
      const job = nextJob(broker);
      if (job === undefined) return;
      jobs.set(slot, job);
      process.send({ slot, ...job.task });
    }
  }
}

/** The next job whose batch has not failed. */
function nextJob({ waiting, lacking }: Broker): Job | undefined {
  let job = waiting.shift();
  while (job !== undefined && !lacking.has(job.batch)) job = waiting.shift();
  return job;
}

function finish({ lacking, post }: Broker, { batch, position }: Job, broken: string | null): void {
  const left = lacking.get(batch);
  if (left === undefined) return;
  if (broken !== null) batch.broken.push({ position, reason: broken });
  lacking.set(batch, left - 1);
  if (left > 1) return;
  lacking.delete(batch);
  const { id, values } = batch;
  batch.broken.sort((a, b) => a.position - b.position);
  post({ kind: "decoded", id, values, broken: batch.broken }, [values.buffer as ArrayBuffer]);
}
