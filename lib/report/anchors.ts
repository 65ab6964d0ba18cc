import type { MetricName, ResultRow } from "../experiments/result";

/** The rows between which the gap lies, by their ids in every table that has one. */
export const oldRow = "old-old";
export const newRow = "new-new";

/** Whether a row is one end of the gap. */
export function isAnchor({ id }: ResultRow): boolean {
  return id === oldRow || id === newRow;
}

/** Share of the gap closed by each seed alone, percent; empty where the rows lack the ends of the gap or they are equal. */
export function gapClosedBySeed(row: ResultRow, rows: readonly ResultRow[], metric: MetricName): readonly number[] {
  const from = rows.find(({ id }) => id === oldRow)?.perSeed;
  const to = rows.find(({ id }) => id === newRow)?.perSeed;
  if (from === undefined || to === undefined) return [];
  return row.perSeed.flatMap((measured, seed) => {
    const start = from[seed]?.[metric];
    const end = to[seed]?.[metric];
    return start === undefined || end === undefined || start === end
      ? []
      : [(100 * (measured[metric] - start)) / (end - start)];
  });
}
