import type { Measure, ResultRow, TableResult } from "../experiments/result";
import type { Column } from "./column";
import { groupColumn } from "./group-column";
import { metricNames, metricTitles } from "./metric-titles";
import { measureText, notApplicable, notAvailable, percentText, summaryText } from "./percent-text";
import { type Publication, publicationsOf, reportedBy } from "./publications";

/**
 * A result as a printed table, in percent: the update of each row where there are several, the metrics, the share of the top-1 gap
 * closed where some row closes one, the measures, and the published shares beside it.
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
