import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { projectRoot } from "../../core/paths";
import type { BlockShape } from "../scores/block";
import type { BlockSearch } from "../scores/blocks";
import { isKept, type ScoreMemory } from "../scores/memory";
import { type Blocks, failed, handlerOf, handleShare, type Job, type Order, turn, waiting } from "./take-part";

/** Of a search with fewer scores, a thread costs more than it saves. */
const fewestPairs = 2 ** 25;
/** Of more threads, each one's share of a block is too small. */
const mostThreads = 8;
/** A block takes milliseconds; a thread that is silent for so long has ended. */
const patience = 60_000;
/** How long this thread looks for the others' end before it sleeps: a core that sleeps wakes late. */
const watchful = 2;

/** How many threads share a search of so many scores. */
export function threadsFor(pairs: number): number {
  return pairs < fewestPairs ? 1 : Math.min(availableParallelism(), mostThreads);
}

function threadsOf({ pairs }: BlockSearch, job: Job): number {
  const seen = job.gallery.address !== null && !(job.kind === "backfill" && job.next.address === null);
  return seen ? threadsFor(pairs) : 1;
}

/** How a job is shared out. */
interface ShareOptions {
  /** Hears of each block that is done. */
  readonly onBlock?: (shape: BlockShape) => void;
  readonly threads?: number;
}

/**
 * Does a job with all rows of a search. This thread multiplies, block by block; then all threads handle their shares of the block. Throws what a
 * thread threw.
 */
export function shareOut(search: BlockSearch, memory: ScoreMemory, job: Job, options: ShareOptions = {}): void {
  const { onBlock = () => {}, threads = threadsOf(search, job) } = options;
  const blocks: Blocks = { block: search.block, paired: search.paired };
  const handle = handlerOf(memory, job, blocks, threads);
  const address = memory.reserve(3);
  const control = memory.integers(address, 3).fill(0);
  const helpers = helpersFor(threads - 1);
  const begin = (change: () => void): void => {
    Atomics.store(control, waiting, helpers.length);
    change();
  };
  begin(() => {
    helpers.forEach(({ worker }, i) => {
      const order: Order = { shared: memory.shared, blocks, job, control: address, index: i + 1, threads };
      worker.postMessage(order);
    });
  });
  try {
    awaitAll(control, helpers);
    for (const shape of search.shapes) {
      begin(() => nextTurn(control, Atomics.load(control, turn) + 1));
      handleShare(memory, blocks, handle, { index: 0, threads });
      awaitAll(control, helpers);
      onBlock(shape);
    }
  } finally {
    awaitEnd(control, helpers);
    begin(() => nextTurn(control, -1));
    awaitEnd(control, helpers);
    // They would hold on to a memory that is not to be kept.
    if (!isKept(memory)) endHelpers();
  }
}

function nextTurn(control: Int32Array, value: number): void {
  Atomics.store(control, turn, value);
  Atomics.notify(control, turn);
}

interface Helper {
  readonly worker: Worker;
  readonly failures: MessagePort;
}

/** Threads that wait for a search; they keep no process alive. */
const idle: Helper[] = [];

function helpersFor(count: number): Helper[] {
  while (idle.length < count) idle.push(startHelper());
  return idle.slice(0, count);
}

/** Runs compiled code, also under a test runner that compiles sources itself. */
function startHelper(): Helper {
  const path = join(projectRoot(), "lib", "dist", "retrieval", "threads", "worker.js");
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run build\``);
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(path, { workerData: { failures: port2 }, transferList: [port2], execArgv: [] });
  const helper = { worker, failures: port1 };
  const forget = (): void => {
    const at = idle.indexOf(helper);
    if (at >= 0) idle.splice(at, 1);
  };
  worker.on("error", forget);
  worker.on("exit", forget);
  worker.unref();
  port1.unref();
  return helper;
}

function endHelpers(): void {
  for (const { worker } of idle.splice(0)) void worker.terminate();
}

/** Waits until all have finished their shares; throws where one has failed. */
function awaitAll(control: Int32Array, helpers: Helper[]): void {
  awaitEnd(control, helpers);
  if (Atomics.load(control, failed) === 0) return;
  const messages = helpers.map(({ failures }) => receiveMessageOnPort(failures)?.message as string | undefined);
  throw new Error(messages.find((message) => message !== undefined) ?? "a thread of the search has failed");
}

/** Waits until none is at work. Gives all up where they are silent. */
function awaitEnd(control: Int32Array, helpers: Helper[]): void {
  const start = performance.now();
  for (let left = Atomics.load(control, waiting); left > 0; left = Atomics.load(control, waiting)) {
    const waited = performance.now() - start;
    if (waited > patience) {
      endHelpers();
      helpers.length = 0;
      Atomics.store(control, waiting, 0);
      throw new Error(`a thread of the search has not answered for ${patience / 1000} s: try again, or free memory`);
    }
    if (waited > watchful) Atomics.wait(control, waiting, left, 1000);
  }
}
