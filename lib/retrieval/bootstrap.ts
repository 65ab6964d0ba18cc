import { unexpected, wholeNumber } from "../core/check";
import { random } from "../core/random";
import { quantile } from "../statistics/quantile";

/** A mean and its bootstrap interval. */
export interface BootstrapMean {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** How to draw. */
interface BootstrapOptions {
  readonly resamples?: number;
  /** Share of the resampled means inside the interval, in (0, 1). */
  readonly level?: number;
  readonly seed: number;
}

/**
 * The mean over queries and its percentile bootstrap interval: the middle `level` of the means of
 * resampled queries. NaN values, which belong to skipped queries, are left out. Throws RangeError
 * if none is left or an option has no meaning.
 */
export function bootstrapMean(
  values: Float64Array,
  { resamples = 1000, level = 0.95, seed }: BootstrapOptions,
): BootstrapMean {
  const sample = values.filter((value) => !Number.isNaN(value));
  if (sample.length === 0) throw unexpected("values", `at least one number among ${values.length}`, "none");
  wholeNumber("resamples", resamples, { least: 1 });
  if (!(level > 0 && level < 1)) throw unexpected("level", "a number between 0 and 1", level);
  const stream = random(seed, "bootstrap");
  const means = Float64Array.from({ length: resamples }, () => resampledMean(sample, stream.integer)).sort();
  return {
    mean: sample.reduce((a, b) => a + b, 0) / sample.length,
    low: quantile(means, (1 - level) / 2),
    high: quantile(means, (1 + level) / 2),
  };
}

function resampledMean(sample: Float64Array, integer: (below: number) => number): number {
  let sum = 0;
  for (let i = 0; i < sample.length; i++) sum += sample[integer(sample.length)] as number;
  return sum / sample.length;
}
