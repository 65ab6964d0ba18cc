import type { Artifact } from "../../core/artifacts/store";
import type { Answered } from "../../language/evaluation/answers";
import { inconsistency, scoreFlips } from "../../retrieval/score-flips";

/** What a model answers after an update, in percent of the samples of its task. */
export interface UpdateMetrics {
  /** The mean score: accuracy, exact match, or ROUGE-1. */
  readonly score: number;
  /** NFR: samples whose score falls below M_v1's; of right and wrong answers, those that break. */
  readonly negative: number;
  /** PFR: samples whose score rises. */
  readonly positive: number;
  /** The mean rise of those that rise. */
  readonly meanGain: number;
  readonly meanRegression: number;
  /** NFR_mc: wrong, and another answer than M_v1's; null for generated text. */
  readonly inconsistent: number | null;
  /** Questions of which several choices were the likeliest. */
  readonly ties: number;
  /** Prompts that lost their beginning. */
  readonly cut: number;
}

/**
 * The metrics of `after` beside the answers `before` the update, which are to the same samples.
 * Throws RangeError if they are not as many.
 */
export function updateMetrics(before: Answered, after: Answered, isText: boolean): UpdateMetrics {
  const { negative, positive, meanGain, meanRegression } = scoreFlips({ before: before.scores, after: after.scores });
  const inconsistent = inconsistency({ before: before.answers, after: after.answers, right: after.right });
  return {
    score: (100 * after.scores.reduce((sum, score) => sum + score, 0)) / after.scores.length,
    negative: 100 * negative,
    positive: 100 * positive,
    meanGain: 100 * meanGain,
    meanRegression: 100 * meanRegression,
    inconsistent: isText ? null : 100 * inconsistent,
    ties: after.ties,
    cut: after.cut,
  };
}

/** For each sample 1 if the model flips it negatively and `other` does not, -1 the other way. */
export function flipDifferences(before: Answered, other: Answered, after: Answered): Float64Array {
  const falls = ({ scores }: Answered, i: number): number =>
    (scores[i] as number) < (before.scores[i] as number) ? 1 : 0;
  return Float64Array.from(before.scores, (_, i) => falls(after, i) - falls(other, i));
}

/** The answers that an artifact of `answersOf` holds. */
export function answersIn({ facts }: Artifact): Answered {
  return facts as unknown as Answered;
}
