/**
 * Holm's step-down adjustment: p-values multiplied by the number of hypotheses not yet rejected, in
 * ascending order, never falling and at most 1. Comparing them with a level keeps the chance of any
 * false rejection in the family below that level.
 */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[index] as number)));
    adjusted[index] = largest;
  });
  return adjusted;
}
