import type { Measure, ResultRow, TableResult } from "../../experiments/results/result";
import { type Publication, publicationsOf, reportedBy, rowRuns } from "./rows";
import { measureText, metricNames, metricTitles, notApplicable, notAvailable, percentText, summaryText } from "./text";

/** A column of a printed table, with a cell for each row. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** The name of the column of groups. */
const groupColumnName = "update";

/** The update that each row belongs to, a dash for none; no column if no row belongs to any. */
export function groupColumn(rows: readonly Pick<ResultRow, "group">[]): readonly Column[] {
  if (rows.every(({ group }) => group === undefined)) return [];
  return [{ name: groupColumnName, cells: rows.map(({ group }) => group ?? notApplicable) }];
}

/** The columns of a table with each update printed in its first row only. */
export function withGroupsOnce(columns: readonly Column[], rows: readonly ResultRow[]): readonly Column[] {
  const first = new Set(rowRuns(rows).map((run) => run.rows[0]));
  return columns.map(({ name, cells }) =>
    name === groupColumnName
      ? { name, cells: cells.map((cell, index) => (first.has(rows[index]) ? cell : "")) }
      : { name, cells },
  );
}

/**
 * A result as a printed table, in percent: the update of each row if rows have one, the metrics,
 * the share of the top-1 gap closed if some row closes one, the measures, and the published shares.
 */
export function resultColumns({ rows, measures = [] }: TableResult): readonly Column[] {
  return [
    ...groupColumn(rows),
    { name: "row", cells: rows.map(({ label }) => label) },
    ...metricNames.map((metric) => ({
      name: `${metricTitles[metric]} (%)`,
      cells: rows.map(({ metrics }) => summaryText(metrics[metric])),
    })),
    ...(hasGap(rows) ? [{ name: gapTitle, cells: rows.map(({ gapClosed }) => shareText(gapClosed.top1)) }] : []),
    ...measures.map((measure) => measured(measure, rows)),
    ...(hasGap(rows) ? publicationsOf(rows).map((publication) => publishedShares(publication, rows)) : []),
  ];
}

/** The name of the column of shares of the gap. */
export const gapTitle: string = "gap closed, top-1 (%)";

/** Whether some row has a share of the top-1 gap. */
export function hasGap(rows: readonly ResultRow[]): boolean {
  return rows.some(({ gapClosed }) => gapClosed.top1 !== null);
}

function measured({ id, title, decimals }: Measure, rows: readonly ResultRow[]): Column {
  const cell = ({ details }: ResultRow): string => {
    const detail = details?.[id];
    return detail === undefined ? notApplicable : measureText(detail, decimals);
  };
  return { name: title, cells: rows.map(cell) };
}

function publishedShares(publication: Publication, rows: readonly ResultRow[]): Column {
  const share = (row: ResultRow): string => {
    const reported = reportedBy(publication, row);
    if (row.gapClosed.top1 === null || reported === undefined) return notApplicable;
    return reported.gapClosed === null ? notAvailable : percentText(reported.gapClosed);
  };
  return { name: `published: ${publication.dataset}, ${publication.source} (%)`, cells: rows.map(share) };
}

function shareText(share: number | null): string {
  return share === null ? notApplicable : percentText(share);
}
