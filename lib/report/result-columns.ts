import type { ResultRow, TableResult } from "../experiments/result";
import { metricNames, metricTitles } from "./metric-titles";
import { notApplicable, notAvailable, percentText, summaryText } from "./percent-text";
import { type Publication, publicationsOf, reportedBy } from "./publications";

/** A column of a printed table, one cell a row. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** A result as a printed table, in percent: the metrics, the share of the top-1 gap closed, and the published shares beside it. */
export function resultColumns({ rows }: TableResult): readonly Column[] {
  return [
    { name: "row", cells: rows.map(({ label }) => label) },
    ...metricNames.map((metric) => ({
      name: `${metricTitles[metric]} (%)`,
      cells: rows.map(({ metrics }) => summaryText(metrics[metric])),
    })),
    { name: "gap closed, top-1 (%)", cells: rows.map(({ gapClosed }) => shareText(gapClosed.top1)) },
    ...publicationsOf(rows).map((publication) => publishedShares(publication, rows)),
  ];
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
