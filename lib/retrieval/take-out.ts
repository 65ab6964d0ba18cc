import type { ApproximateRow } from "./score-block";

/**
 * Takes a gallery row whose exact squared distance is known out of a row of a search, which then holds the others alone. Throws Error where
 * the row's margin does not hold.
 */
export function takeOut(row: ApproximateRow, item: number, distance: number): void {
  const at = item - row.first;
  const approximation = row.offset - row.weight * (row.scores[at] as number);
  if (!(Math.abs(approximation - distance) <= row.margin))
    throw new Error(imprecise(row, item, approximation, distance));
  row.scores[at] = Number.NEGATIVE_INFINITY;
}

/** Takes a gallery row out that a row of a search may not hold. */
export function exclude({ first, scores }: ApproximateRow, item: number): void {
  if (item >= first && item < first + scores.length) scores[item - first] = Number.NEGATIVE_INFINITY;
}

function imprecise({ query, margin }: ApproximateRow, item: number, approximation: number, distance: number): string {
  return (
    `squared distance of query ${query} and gallery row ${item}: the matrix product says ${approximation}, ` +
    `its rows say ${distance}; allowed is a difference of ${margin}. Is TensorFlow set to reduced precision?`
  );
}
