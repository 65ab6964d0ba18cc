import { type Estimated, mirrored, tailsAbove } from "./estimate";
import { studentQuantile } from "./student";

const power = 0.8;

/**
 * How many seeds would tell a value from `bound`, on the side where it lies, by Student's one-sided
 * test at `level` with a power of 80 %: the least n with (t(1 - level) + t(power)) sd / sqrt(n) at
 * most the distance, by the spread over the seeds seen so far. As many as there are if these tell
 * it. Null if more seeds alone would not do, as far as these show: where the classes leave more
 * open than the seeds, without a distance, or with fewer than two seeds.
 */
export function seedsNeeded(estimated: Estimated, bound: number, level: number): number | null {
  if (estimated.value < bound) return seedsNeeded(mirrored(estimated), -bound, level);
  const now = estimated.numerators.length;
  const { drawn, student, t } = tailsAbove(estimated, bound);
  if (student === null) return null;
  if (Math.max(drawn ?? 0, student) <= level) return now;
  if ((drawn ?? 0) >= student || !(t > 0)) return null;
  // t grows with the root of the number of seeds.
  const effect = t / Math.sqrt(now);
  const neededFrom = (n: number): number =>
    Math.ceil(((studentQuantile(1 - level, n - 1) + studentQuantile(power, n - 1)) / effect) ** 2);
  // What n seeds' quantiles ask for falls with n: the least n that asks for no more is between.
  let [low, high] = [now, neededFrom(now)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (neededFrom(middle) <= middle) high = middle;
    else low = middle;
  }
  return high;
}
