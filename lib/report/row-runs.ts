import type { ResultRow } from "../experiments/result";

/** Rows that follow each other in one group (see `ResultRow.group`); null for rows without one. */
export interface RowRun {
  readonly group: string | null;
  readonly rows: readonly ResultRow[];
}

/** The rows of a result in their order, cut wherever the group changes. */
export function rowRuns(rows: readonly ResultRow[]): readonly RowRun[] {
  const starts = rows.flatMap((row, index) => (index === 0 || row.group !== rows[index - 1]?.group ? [index] : []));
  return starts.map((start, index) => ({
    group: rows[start]?.group ?? null,
    rows: rows.slice(start, starts[index + 1]),
  }));
}

/** The groups of some rows in order of first mention. */
export function groupsOf(rows: readonly ResultRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ group }) => group ?? []))];
}
