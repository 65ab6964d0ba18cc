import { availableParallelism } from "node:os";
import { receiveMessageOnPort } from "node:worker_threads";
import { wholeNumber } from "../../../core/check";
import { endHelperThreads, type HelperThread, helperThreads, isKept } from "../kept/between-searches";
import type { BlockShape } from "../scores/block";
import type { BlockSearch } from "../scores/blocks";
import type { ScoreMemory } from "../scores/memory";
import { type Assignment, type Blocks, failed, handleShare, type Job, rowHandler, turn, waiting } from "./take-part";

/** With fewer scores, a thread costs more than it saves. */
const fewestPairs = 2 ** 25;
/** With more threads, each one's share of a block is too small. */
const mostThreads = 8;
/** Milliseconds until a silent thread is given up; a block takes a few. */
const patienceMs = 60_000;
/** Milliseconds to spin before sleeping: waking a sleeping core is slow. */
const spinMs = 2;

/** How a job is shared out. */
interface ShareOptions {
  /** Called after each block. */
  readonly onBlock?: (shape: BlockShape) => void;
  /** The number of threads, from 1 to 8; by default as many as make the search faster. */
  readonly threads?: number | undefined;
}

/**
 * Does a job with all rows of a search. This thread multiplies, block by block; then all threads
 * handle their shares of the block. Throws what any of them has thrown.
 */
export function shareOut(search: BlockSearch, memory: ScoreMemory, job: Job, options: ShareOptions = {}): void {
  const { onBlock = () => {} } = options;
  const threads = threadsFor(search, job, options.threads);
  const blocks: Blocks = { block: search.block, paired: search.paired };
  const handle = rowHandler(memory, job, blocks, threads);
  const address = memory.reserve(3);
  const control = memory.integers(address, 3).fill(0);
  const helpers = helperThreads(threads - 1);
  Atomics.store(control, waiting, helpers.length);
  helpers.forEach(({ worker }, i) => {
    const { shared } = memory;
    const assignment: Assignment = { shared, blocks, job, control: address, index: i + 1, threads };
    worker.postMessage(assignment);
  });
  try {
    awaitShares(control, helpers);
    for (const shape of search.shapes) {
      Atomics.store(control, waiting, helpers.length);
      setTurn(control, Atomics.load(control, turn) + 1);
      handleShare(memory, blocks, handle, { index: 0, threads });
      awaitShares(control, helpers);
      onBlock(shape);
    }
  } finally {
    endSearch(control, helpers, memory);
  }
}

function threadsFor({ pairs }: BlockSearch, job: Job, wanted: number | undefined): number {
  if (wanted !== undefined) wholeNumber("threads", wanted, { least: 1, most: mostThreads });
  // Other threads see only what is in the shared memory.
  const visible = job.gallery.address !== null && !(job.kind === "backfill" && job.next.address === null);
  if (!visible) return 1;
  return wanted ?? (pairs < fewestPairs ? 1 : Math.min(availableParallelism(), mostThreads));
}

function setTurn(control: Int32Array, value: number): void {
  Atomics.store(control, turn, value);
  Atomics.notify(control, turn);
}

/** Ends the search in every thread, whether or not it has succeeded. */
function endSearch(control: Int32Array, helpers: HelperThread[], memory: ScoreMemory): void {
  awaitSilence(control, helpers);
  Atomics.store(control, waiting, helpers.length);
  setTurn(control, -1);
  awaitSilence(control, helpers);
  // They would hold on to a memory that is not kept.
  if (!isKept(memory)) endHelperThreads();
}

/** Waits until all have finished their shares; throws if one has failed. */
function awaitShares(control: Int32Array, helpers: HelperThread[]): void {
  awaitSilence(control, helpers);
  if (Atomics.load(control, failed) === 0) return;
  const messages = helpers.map(({ failures }) => receiveMessageOnPort(failures)?.message as string | undefined);
  throw new Error(messages.find((message) => message !== undefined) ?? "a thread of the search has failed");
}

/**
 * Waits until no helping thread is at work. If one does not answer, gives up and empties `helpers`.
 */
function awaitSilence(control: Int32Array, helpers: HelperThread[]): void {
  const start = performance.now();
  for (let left = Atomics.load(control, waiting); left > 0; left = Atomics.load(control, waiting)) {
    const waited = performance.now() - start;
    if (waited > patienceMs) {
      endHelperThreads();
      helpers.length = 0;
      Atomics.store(control, waiting, 0);
      throw new Error(`a thread of the search has not answered for ${patienceMs / 1000} s: try again, or free memory`);
    }
    if (waited > spinMs) Atomics.wait(control, waiting, left, 1000);
  }
}
