import type { Estimated } from "./estimate";

// 97.5 % one-sided, and a power of 80 %.
const [confidence, power] = [1.96, 0.8416];

/**
 * How many seeds would resolve a difference of `distance` with a power of 80 %, by the spread over
 * the seeds seen so far: ((1.96 + 0.84) sd / distance)^2, and more than there are. More seeds do
 * not narrow what the test classes leave open. Null with fewer than two seeds.
 */
export function seedsNeeded({ numerators, denominators, value }: Estimated, distance: number): number | null {
  const n = numerators.length;
  if (n < 2 || !(distance > 0)) return null;
  const below = denominators.reduce((sum, each) => sum + each, 0) / n;
  const residuals = numerators.map((each, seed) => (each - value * (denominators[seed] as number)) / below);
  const variance = residuals.reduce((sum, each) => sum + each * each, 0) / (n - 1);
  return Math.max(n + 1, Math.ceil(((confidence + power) ** 2 * variance) / distance ** 2));
}
