import { unexpected } from "../../core/check";
import type { Measure, MetricName, Reported, ResultRow } from "../../experiments/results/result";

/** Consecutive rows of one group (see `ResultRow.group`), which is null if they have none. */
export interface RowRun {
  readonly group: string | null;
  readonly rows: readonly ResultRow[];
}

/** The rows of a result in order, divided wherever the group changes. */
export function rowRuns(rows: readonly ResultRow[]): readonly RowRun[] {
  const starts = rows.flatMap((row, index) => (index === 0 || row.group !== rows[index - 1]?.group ? [index] : []));
  return starts.map((start, index) => ({
    group: rows[start]?.group ?? null,
    rows: rows.slice(start, starts[index + 1]),
  }));
}

/** The rows between which the gap lies: they close 0 % and 100 % of it in every metric. */
export interface GapEnds {
  readonly from: ResultRow;
  readonly to: ResultRow;
}

/**
 * The ends of the gap of the rows in `group`: each is looked for in the group, then among the rows
 * without one, then among all. Null if an end is missing, or if several rows with different metrics
 * could be it.
 */
export function gapEnds(rows: readonly ResultRow[], group: string | null = null): GapEnds | null {
  const scopes = [
    rows.filter((row) => (row.group ?? null) === group),
    rows.filter((row) => row.group === undefined),
    rows,
  ];
  const from = onlyOne(scopes, closes(0));
  const to = onlyOne(scopes, closes(100));
  return from === null || to === null ? null : { from, to };
}

/** Whether a row is an end of a gap, which closes exactly 0 % or 100 % of it in every metric. */
export function isEnd(row: ResultRow): boolean {
  return closes(0)(row) || closes(100)(row);
}

/** The share of the gap closed with each seed alone, percent, without seeds that have no gap. */
export function gapClosedBySeed(row: ResultRow, { from, to }: GapEnds, metric: MetricName): readonly number[] {
  return row.perSeed.flatMap((measured, seed) => {
    const [start, end] = [from.perSeed[seed]?.[metric], to.perSeed[seed]?.[metric]];
    if (start === undefined || end === undefined || end <= start) return [];
    return [(100 * (measured[metric] - start)) / (end - start)];
  });
}

function closes(share: number): (row: ResultRow) => boolean {
  return ({ gapClosed }) => Object.values(gapClosed).every((closed) => closed === share);
}

/** The first match of the first scope that has one; null if others there have other metrics. */
function onlyOne(scopes: readonly (readonly ResultRow[])[], matches: (row: ResultRow) => boolean): ResultRow | null {
  const found = scopes.map((scope) => scope.filter(matches)).find(({ length }) => length > 0) ?? [];
  const kinds = new Set(found.map(({ perSeed }) => JSON.stringify(perSeed)));
  return kinds.size === 1 ? (found[0] ?? null) : null;
}

/** The numbers of one source on one dataset. */
export interface Publication {
  readonly source: string;
  readonly dataset: string;
}

/** The publications with a share of the gap closed for some row, in order of first mention. */
export function publicationsOf(rows: readonly ResultRow[]): readonly Publication[] {
  const found = new Map<string, Publication>();
  for (const { source, dataset, gapClosed } of rows.flatMap(({ reported }) => reported)) {
    if (gapClosed !== null) found.set(JSON.stringify([source, dataset]), { source, dataset });
  }
  return [...found.values()];
}

/** What a publication reports for a row; undefined if it reports nothing. */
export function reportedBy({ source, dataset }: Publication, row: ResultRow): Reported | undefined {
  return row.reported.find((reported) => reported.source === source && reported.dataset === dataset);
}

/** A result's measure. Throws RangeError if it has none of that id, naming those it has. */
export function measureNamed(measures: readonly Measure[], id: string): Measure {
  const measure = measures.find((each) => each.id === id);
  if (measure !== undefined) return measure;
  const ids = measures.map((each) => each.id).join(", ");
  throw unexpected("measure", ids === "" ? "none, as the result has no measures" : `one of ${ids}`, id);
}
