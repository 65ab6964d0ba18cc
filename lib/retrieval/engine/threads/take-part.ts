import type { MessagePort } from "node:worker_threads";
import { type BackfillJob, backfillJob } from "../mixing/backfill-job";
import { type NearestJob, nearestJob } from "../nearest/nearest-job";
import { type EvaluationJob, evaluationJob } from "../ranking/evaluation-job";
import { readShape, rowAt, type ScoreBlock, type ScoredRow } from "../scores/block";
import { joinScoreMemory, type ScoreMemory, type SharedScores } from "../scores/memory";

/** What a thread does with its rows of a search. */
export type Job = EvaluationJob | NearestJob | BackfillJob;

/** Takes a row, and the row of the same query in the paired search if there is one. */
type RowHandler = (row: ScoredRow, paired: ScoredRow | null) => void;

/** The block of a search, and that of a paired search with the same queries and number of rows. */
export interface Blocks {
  readonly block: ScoreBlock;
  readonly paired: ScoreBlock | null;
}

/** What a helping thread is told of a search. */
export interface Assignment {
  readonly shared: SharedScores;
  readonly blocks: Blocks;
  readonly job: Job;
  /** Address of three numbers that synchronise the threads: see `turn`, `waiting` and `failed`. */
  readonly control: number;
  /** Which of the threads this is; 0 is the one that multiplies. */
  readonly index: number;
  /** The number of threads. */
  readonly threads: number;
}

/** Index of the number of blocks so far; -1 ends the search. */
export const turn = 0;
/** Index of the number of helping threads that have not finished their share of the block. */
export const waiting = 1;
/** Index of a flag: 1 once a thread has failed. */
export const failed = 2;

/** Handles this thread's rows of a job. */
export function rowHandler(memory: ScoreMemory, job: Job, { block }: Blocks, threads: number): RowHandler {
  switch (job.kind) {
    case "evaluation":
      return evaluationJob(memory, job);
    case "nearest":
      return nearestJob(memory, job, { queries: block.queries, threads });
    case "backfill":
      return backfillJob(memory, job);
  }
}

/** Handles every `threads`-th row of a block: all rows of a query fall to the same thread. */
export function handleShare(
  memory: ScoreMemory,
  { block, paired }: Blocks,
  handle: RowHandler,
  { index, threads }: Pick<Assignment, "index" | "threads">,
): void {
  const shape = readShape(memory, block);
  for (let place = index; place < shape.queries; place += threads) {
    handle(rowAt(memory, block, shape, place), paired === null ? null : rowAt(memory, paired, shape, place));
  }
}

/**
 * Takes part in every search that `orders` assigns. `data.failures` is told what this thread
 * throws. Does nothing without a port, as in the main thread.
 */
export function serveJobs(orders: MessagePort | null, data: { readonly failures: MessagePort }): void {
  orders?.on("message", (assignment: Assignment) =>
    takePart(assignment, (error) => data.failures.postMessage(error instanceof Error ? error.message : String(error))),
  );
}

/**
 * Takes part in one search, from its first block to its last. If a share throws, `onFailure` is
 * told and the thread only waits for the end of the search.
 */
function takePart(assignment: Assignment, onFailure: (error: unknown) => void): void {
  const memory = joinScoreMemory(assignment.shared);
  const control = memory.integers(assignment.control, 3);
  const shares = sharesOf(memory, assignment);
  let failure = false;
  for (let done = 0; Atomics.load(control, turn) >= 0; done++) {
    try {
      if (!failure) shares.next();
    } catch (error) {
      failure = true;
      onFailure(error);
      Atomics.store(control, failed, 1);
    }
    finishShare(control);
    Atomics.wait(control, turn, done);
  }
  finishShare(control);
}

/** Prepares the job on the first call, then handles one share a call. */
function* sharesOf(memory: ScoreMemory, { job, blocks, index, threads }: Assignment): Generator<void, void, void> {
  const handle = rowHandler(memory, job, blocks, threads);
  for (;;) {
    yield;
    handleShare(memory, blocks, handle, { index, threads });
  }
}

function finishShare(control: Int32Array): void {
  if (Atomics.sub(control, waiting, 1) === 1) Atomics.notify(control, waiting);
}
