import { type BackfillJob, backfillJob } from "../mixing/backfill-job";
import { type EvaluationJob, evaluationJob } from "../ranking/evaluation-job";
import { readShape, rowAt, type ScoreBlock, type ScoredRow } from "../scores/block";
import { joinScoreMemory, type ScoreMemory, type SharedScores } from "../scores/memory";
import { type NearestJob, nearestJob } from "./nearest-job";

/** What is done with the rows of a search. */
export type Job = EvaluationJob | NearestJob | BackfillJob;

/** Takes a row, and that of the same query in the paired search where there is one. */
type RowHandler = (row: ScoredRow, paired: ScoredRow | null) => void;

/** The block of a search, and that of another with the same queries and as many rows. */
export interface Blocks {
  readonly block: ScoreBlock;
  readonly paired: ScoreBlock | null;
}

/** What a helping thread is told of a search. */
export interface Order {
  readonly shared: SharedScores;
  readonly blocks: Blocks;
  readonly job: Job;
  /** Where three numbers say whose turn it is: see `turn`, `waiting` and `failed`. */
  readonly control: number;
  /** Which of the threads this is, and how many there are; 0 is the one that multiplies. */
  readonly index: number;
  readonly threads: number;
}

/** Place of the number of blocks so far; -1 ends the search. */
export const turn = 0;
/** Place of the number of threads that have not finished their share of the block. */
export const waiting = 1;
/** Place of a 1 where a thread has failed. */
export const failed = 2;

/** What handles this thread's rows of a job. */
export function handlerOf(memory: ScoreMemory, job: Job, { block }: Blocks, threads: number): RowHandler {
  switch (job.kind) {
    case "evaluation":
      return evaluationJob(memory, job);
    case "nearest":
      return nearestJob(memory, job, block.queries, threads);
    case "backfill":
      return backfillJob(memory, job);
  }
}

/** Handles every `threads`-th row of a block: a query's rows all fall to one thread. */
export function handleShare(
  memory: ScoreMemory,
  { block, paired }: Blocks,
  handle: RowHandler,
  { index, threads }: Pick<Order, "index" | "threads">,
): void {
  const shape = readShape(memory, block);
  for (let place = index; place < shape.queries; place += threads) {
    handle(rowAt(memory, block, shape, place), paired === null ? null : rowAt(memory, paired, shape, place));
  }
}

/** Takes part in a search from its first block to its last. `onFailure` hears what was thrown; the thread then waits for the end. */
export function takePart(order: Order, onFailure: (error: unknown) => void): void {
  const memory = joinScoreMemory(order.shared);
  const control = memory.integers(order.control, 3);
  const shares = sharesOf(memory, order);
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

/** Makes ready, then handles one share after the other. */
function* sharesOf(memory: ScoreMemory, order: Order): Generator<void, void, void> {
  const handle = handlerOf(memory, order.job, order.blocks, order.threads);
  for (;;) {
    yield;
    handleShare(memory, order.blocks, handle, order);
  }
}

function finishShare(control: Int32Array): void {
  if (Atomics.sub(control, waiting, 1) === 1) Atomics.notify(control, waiting);
}
