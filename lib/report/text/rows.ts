import { unexpected } from "../../core/check";
import type { Measure, MetricName, Reported, ResultRow } from "../../experiments/results/result";

/** Consecutive rows of one group (see `ResultRow.group`), which is null if they have none. */
export interface RowRun<Row = ResultRow> {
  readonly group: string | null;
  readonly rows: readonly Row[];
}

/** The rows of a result in order, divided wherever the group changes. */
export function rowRuns<Row extends Pick<ResultRow, "group">>(rows: readonly Row[]): readonly RowRun<Row>[] {
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

/** Percent by which a share may differ from that of rounded means. */
const rounding = 0.05;

/** The ends of the gap that a row closes its share of: those whose means give it, in top-1. */
export function ownGapEnds({ gapClosed, metrics }: ResultRow, rows: readonly ResultRow[]): GapEnds | null {
  const { top1: share } = gapClosed;
  if (share === null) return null;
  const off = (from: ResultRow, to: ResultRow): number => {
    const [start, end] = [from.metrics.top1.mean, to.metrics.top1.mean];
    return Math.abs((100 * (metrics.top1.mean - start)) / (end - start) - share);
  };
  const pairs = rows.filter(closes(0)).flatMap((from) => rows.filter(closes(100)).map((to) => ({ from, to })));
  const [nearest] = [...pairs].sort((one, other) => off(one.from, one.to) - off(other.from, other.to));
  return nearest === undefined || !(off(nearest.from, nearest.to) <= rounding) ? null : nearest;
}

/** The rows that a group is compared with; null for one that is missing. */
export interface References {
  readonly old: ResultRow | null;
  readonly next: ResultRow | null;
}

/**
 * The old/old and the new/new that a group is compared with, also where no gap lies between them:
 * those of the group, else those of the rows without a group. An update without an old/old of its
 * own starts from that of the group nearest above.
 */
export function referencesOf(rows: readonly ResultRow[], group: string | null): References {
  const start = rows.findIndex((row) => (row.group ?? null) === group);
  const own = rows.filter((row) => (row.group ?? null) === group);
  const loose = rows.filter((row) => row.group === undefined);
  const above = rows.slice(0, start).reverse();
  const find = (scopes: readonly (readonly ResultRow[])[], name: RegExp): ResultRow | null =>
    scopes.map((scope) => scope.find(({ label }) => name.test(label))).find((row) => row !== undefined) ?? null;
  return { old: find([own, loose, above], /^old ?\/ ?old\b/), next: find([own, loose], /^new ?\/ ?new$/) };
}

/**
 * The share of the gap that a row closes, as it is shown: null where it closes none, and where the
 * gap's own interval does not lie above zero.
 */
export function shownShare(
  { gapClosed, gapInterval }: Pick<ResultRow, "gapClosed" | "gapInterval">,
  metric: MetricName,
): number | null {
  return gapInterval?.[metric] === null ? null : gapClosed[metric];
}

/** Whether a row is an end of a gap, which closes exactly 0 % or 100 % of it in every metric. */
export function isEnd(row: Pick<ResultRow, "gapClosed">): boolean {
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

/**
 * The sample standard deviation of the shares of the gap that a row closes with each seed; null
 * with fewer than two such shares, or if the ends of the gap are not among `all` rows.
 */
export function gapDeviation(row: ResultRow, all: readonly ResultRow[]): number | null {
  const ends = ownGapEnds(row, all);
  const values = ends === null ? [] : gapClosedBySeed(row, ends, "top1");
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function closes(share: number): (row: Pick<ResultRow, "gapClosed">) => boolean {
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

/** A publication as a column or a legend names it; a source may say that nobody published it. */
export function publicationName({ source, dataset }: Publication): string {
  return `${source.endsWith("not published") ? "" : "published: "}${dataset}, ${source}`;
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
