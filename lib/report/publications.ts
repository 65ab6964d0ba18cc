import type { Reported, ResultRow } from "../experiments/result";

/** One source's figures on one dataset. */
export interface Publication {
  readonly source: string;
  readonly dataset: string;
}

/** The publications that give a share of the gap closed for some row, in order of first mention. */
export function publicationsOf(rows: readonly ResultRow[]): readonly Publication[] {
  const found = new Map<string, Publication>();
  for (const { source, dataset, gapClosed } of rows.flatMap(({ reported }) => reported)) {
    if (gapClosed !== null) found.set(JSON.stringify([source, dataset]), { source, dataset });
  }
  return [...found.values()];
}

/** What a publication reports for a row; undefined where it has no such row. */
export function reportedBy({ source, dataset }: Publication, row: ResultRow): Reported | undefined {
  return row.reported.find((reported) => reported.source === source && reported.dataset === dataset);
}
