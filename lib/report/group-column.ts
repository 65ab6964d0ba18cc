import type { ResultRow } from "../experiments/result";
import type { Column } from "./column";
import { notApplicable } from "./percent-text";
import { rowRuns } from "./row-runs";

/** The name of the column of groups. */
export const groupColumnName: string = "update";

/** The update that each row belongs to, a dash for a row that belongs to none; no column where no row has a group. */
export function groupColumn(rows: readonly Pick<ResultRow, "group">[]): readonly Column[] {
  if (rows.every(({ group }) => group === undefined)) return [];
  return [{ name: groupColumnName, cells: rows.map(({ group }) => group ?? notApplicable) }];
}

/** The columns of a table with each update printed at its first row only. */
export function withGroupsOnce(columns: readonly Column[], rows: readonly ResultRow[]): readonly Column[] {
  const first = new Set(rowRuns(rows).map((run) => run.rows[0]));
  return columns.map(({ name, cells }) =>
    name === groupColumnName
      ? { name, cells: cells.map((cell, index) => (first.has(rows[index]) ? cell : "")) }
      : { name, cells },
  );
}
