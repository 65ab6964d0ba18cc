import type { MetricName, ResultRow } from "../experiments/result";

/** The rows between which the gap lies: by definition they close 0 % and 100 % of it in every metric. */
export interface GapEnds {
  readonly from: ResultRow;
  readonly to: ResultRow;
}

/** The ends of the gap, null where a result has no gap. */
export function gapEnds(rows: readonly ResultRow[]): GapEnds | null {
  const from = rows.find(closes(0));
  const to = rows.find(closes(100));
  return from === undefined || to === undefined ? null : { from, to };
}

/** Share of the gap that a row closes with each seed alone, percent; a seed without a gap is left out. */
export function gapClosedBySeed(row: ResultRow, { from, to }: GapEnds, metric: MetricName): readonly number[] {
  return row.perSeed.flatMap((measured, seed) => {
    const start = from.perSeed[seed]?.[metric] ?? 0;
    const gap = (to.perSeed[seed]?.[metric] ?? 0) - start;
    return gap === 0 ? [] : [(100 * (measured[metric] - start)) / gap];
  });
}

function closes(share: number): (row: ResultRow) => boolean {
  return ({ gapClosed }) => Object.values(gapClosed).every((closed) => closed === share);
}
