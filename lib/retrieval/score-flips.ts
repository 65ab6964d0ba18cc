import { unexpected } from "../core/check";

/** What an update does to the scores of single samples. */
export interface ScoreFlips {
  /** Share of the samples whose score falls, in [0, 1]. */
  readonly negative: number;
  /** Share of the samples whose score rises. */
  readonly positive: number;
  /** The mean rise of those that rise; 0 if none does. */
  readonly meanGain: number;
  /** The mean fall, above 0, of those that fall; 0 if none does. */
  readonly meanRegression: number;
}

/** Scores of the same samples before and after an update: 1 for a right answer, or a measure. */
interface Scores {
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

/**
 * Of each sample whether its score rises (1), falls (-1) or stays (0) by an update. Throws
 * RangeError unless there are scores, and as many before as after.
 */
export function scoreChanges(scores: Scores): Float64Array {
  return differences(scores).map(Math.sign);
}

function differences({ before, after }: Scores): Float64Array {
  if (after.length !== before.length || before.length === 0) {
    throw unexpected("scores after an update", `${Math.max(1, before.length)}, as many as before`, after.length);
  }
  return Float64Array.from(before, (score, i) => (after[i] as number) - score);
}

/**
 * The flips of an update. With scores of 0 and 1 they are the negative and the positive flip rate;
 * with a measure of generated text they are MUSCLE's PFR~ and NFR~ (arXiv 2407.09435). Throws
 * RangeError unless there are scores, and as many before as after.
 */
export function scoreFlips(scores: Scores): ScoreFlips {
  const changes = differences(scores);
  const gains = changes.filter((change) => change > 0);
  const regressions = changes.filter((change) => change < 0);
  return {
    negative: regressions.length / changes.length,
    positive: gains.length / changes.length,
    meanGain: mean(gains),
    meanRegression: Math.abs(mean(regressions)),
  };
}

/** What is answered to each sample before and after an update, and what would be right. */
interface Answers<T> {
  readonly before: ArrayLike<T>;
  readonly after: ArrayLike<T>;
  readonly right: ArrayLike<T>;
}

/**
 * MUSCLE's inconsistency NFR_mc: the share of the samples whose answer after the update is wrong
 * and another than before it.
 */
export function inconsistency<T>(answers: Answers<T>): number {
  return mean(inconsistencies(answers));
}

/** Of each sample 1 if its answer after an update is wrong and another than before it, else 0. */
export function inconsistencies<T>({ before, after, right }: Answers<T>): Float64Array {
  return Float64Array.from(right, (answer, i) => (after[i] !== answer && after[i] !== before[i] ? 1 : 0));
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
