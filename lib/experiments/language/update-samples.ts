import type { Artifact } from "../../core/artifacts/store";
import { scoreChanges, scoreFlips } from "../../retrieval/score-flips";
import { type ClusterSums, clusterSums, pairedDifference } from "../../statistics/cluster-sums";
import { drawsFor, type Estimated, estimatedMean, estimatedRatio, interval } from "../../statistics/estimate";
import type { Measure, Summary } from "../results/result";
import { type SampleScores, scoresOf } from "./sample-scores";

/** What is measured of every sample after an update. */
export type UpdateMeasure = "score" | "negative" | "positive" | "inconsistent";

/**
 * The measures of a table of language models, in percent of the samples of a task or in points. A
 * change is that from v2, sample by sample; the relative one is a share of v2's own NFR. The mean
 * gain and the mean regression are of tasks whose answers are scored as texts.
 */
export const updateMeasures: readonly Measure[] = [
  { id: "score", title: "score (%)", decimals: 1 },
  { id: "scoreChange", title: "score less v2's (points)", decimals: 1 },
  { id: "negative", title: "NFR (%)", decimals: 1 },
  { id: "negativeChange", title: "NFR less v2's (points)", decimals: 1 },
  { id: "negativeRelative", title: "the same of v2's NFR (%)", decimals: 0 },
  { id: "positive", title: "PFR (%)", decimals: 1 },
  { id: "inconsistent", title: "NFR_mc (%)", decimals: 1 },
  { id: "meanGain", title: "mean gain (points)", decimals: 1 },
  { id: "meanRegression", title: "mean regression (points)", decimals: 1 },
];

/** The results of single samples by seed, row and the row of v1. */
export interface UpdateScores {
  readonly scores: Artifact;
  readonly seeds: readonly number[];
}

/** A row, and that of the model before the update. */
export interface UpdateRow {
  readonly id: string;
  readonly before: string;
}

/** Samples are resampled in as many blocks: they have no classes, and their order is random. */
const blocks = 50;

/** A measure of a row in percent, added up by seed and block of samples. */
export function updateSample(
  { scores, seeds }: UpdateScores,
  { id, before }: UpdateRow,
  measure: UpdateMeasure,
): ClusterSums {
  const found = seeds.map((seed) => {
    const values = measured(scoresOf(scores, before, seed), scoresOf(scores, id, seed), measure);
    const classes = values.map((_, i) => Math.floor((blocks * i) / values.length));
    return { values: values.map((value) => 100 * value), classes };
  });
  return clusterSums(found);
}

function measured(before: SampleScores, after: SampleScores, measure: UpdateMeasure): Float64Array {
  switch (measure) {
    case "score":
      return after.score;
    case "negative":
      return scoreChanges({ before: before.score, after: after.score }).map((change) => (change < 0 ? 1 : 0));
    case "positive":
      return scoreChanges({ before: before.score, after: after.score }).map((change) => (change > 0 ? 1 : 0));
    case "inconsistent":
      return after.inconsistent;
  }
}

/** A row of a table, of which `next` is v2's; `isText` if answers are scored as texts. */
interface DetailedRow extends UpdateRow {
  readonly next: string;
  readonly isText: boolean;
}

/** What a table shows of a row: its measures with their intervals over seeds and samples. */
export function updateDetails(from: UpdateScores, row: DetailedRow): Readonly<Record<string, Summary>> {
  const of = (measure: UpdateMeasure): ClusterSums => updateSample(from, row, measure);
  const next = { id: row.next, before: row.before };
  const change = (measure: UpdateMeasure): ClusterSums =>
    pairedDifference(of(measure), updateSample(from, next, measure));
  const estimated = (sample: ClusterSums): Summary => summaryOf(estimatedMean(sample, drawsFor(sample)));
  const [negative, fall] = [updateSample(from, next, "negative"), change("negative")];
  const relative = estimatedRatio(fall, negative, drawsFor(fall));
  return {
    score: estimated(of("score")),
    scoreChange: estimated(change("score")),
    negative: estimated(of("negative")),
    negativeChange: estimated(fall),
    ...(relative === null ? {} : { negativeRelative: relativeSummary(relative) }),
    positive: estimated(of("positive")),
    ...(row.isText ? sizesOf(from, row) : { inconsistent: estimated(of("inconsistent")) }),
  };
}

function summaryOf(estimated: Estimated): Summary {
  const { value, numerators } = estimated;
  const found = interval(estimated);
  return { ...summary(numerators), mean: value, ...(found === null ? {} : { interval: found }) };
}

/** The ratio of two means over the seeds, which is not the mean of the seeds' ratios. */
function relativeSummary(ratio: Estimated): Summary {
  const found = interval(ratio);
  const ends = found === null ? {} : { interval: [100 * found[0], 100 * found[1]] as const };
  return { mean: 100 * ratio.value, sd: null, n: ratio.numerators.length, ...ends };
}

/** The mean rise of the scores that rise and the mean fall of those that fall, in points. */
function sizesOf({ scores, seeds }: UpdateScores, { id, before }: UpdateRow): Readonly<Record<string, Summary>> {
  const flips = seeds.map((seed) =>
    scoreFlips({ before: scoresOf(scores, before, seed).score, after: scoresOf(scores, id, seed).score }),
  );
  return {
    meanGain: summary(flips.map(({ meanGain }) => 100 * meanGain)),
    meanRegression: summary(flips.map(({ meanRegression }) => 100 * meanRegression)),
  };
}

function summary(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n, ...(n > 1 ? { values } : {}) };
}
