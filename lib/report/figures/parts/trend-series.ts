import type { MetricName, ResultRow, TableResult } from "../../../experiments/results/result";
import { colourAt, symbolAt } from "../../plot/palette";
import { roleOf, roleStyles } from "../../plot/roles";
import { gapDeviation, shownShare } from "../../text/rows";

export interface TrendOptions {
  /** Id of the measure along the horizontal axis, such as a size. */
  readonly x: string;
  /** A metric in percent, or the share of the top-1 gap closed. */
  readonly metric?: MetricName | "gap";
  /** Whether the horizontal axis is logarithmic; every measured value must then be positive. */
  readonly log?: boolean;
  /** The name of the line that a row lies on. */
  readonly series?: (row: ResultRow) => string;
  /** By default the metric and the measure. */
  readonly title?: string;
  /** Which rows are drawn, by default all that have the measure. */
  readonly where?: (row: ResultRow) => boolean;
}

/** A row's place in the figure; `sd` is null where no deviation is known. */
export interface Point {
  readonly row: ResultRow;
  readonly x: number;
  readonly y: number;
  readonly sd: number | null;
  /** Its interval, else as far as its deviation; both ends at y where neither is known. */
  readonly ends: readonly [low: number, high: number];
}

/** The points of a line from left to right, and its look. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly colour: string;
  readonly symbol: string;
}

/** The lines of a figure, in the colours of their roles if each has one of its own. */
export function seriesOf(result: TableResult, options: TrendOptions): readonly Series[] {
  const { series = ({ group }) => group ?? "", where = () => true } = options;
  const points = result.rows.filter(where).flatMap((row) => pointOf(row, result.rows, options));
  const names = [...new Set(points.map(({ row }) => series(row)))];
  const roles = names.map(
    (name) => new Set(points.filter(({ row }) => series(row) === name).map(({ row }) => roleOf(row))),
  );
  const firsts = new Set(roles.map((own) => [...own][0]));
  const told = roles.every((own) => own.size === 1) && firsts.size === names.length;
  return names.map((name, index) => {
    const [role = "other"] = roles[index] ?? [];
    const { colour, symbol } = told ? roleStyles[role] : { colour: colourAt(index), symbol: symbolAt(index) };
    const own = points.filter(({ row }) => series(row) === name).sort((a, b) => a.x - b.x);
    return { name, points: own, colour, symbol };
  });
}

function pointOf(row: ResultRow, all: readonly ResultRow[], { x, metric = "top1" }: TrendOptions): readonly Point[] {
  const along = row.details?.[x]?.mean;
  const share = shownShare(row, "top1");
  if (along === undefined || (metric === "gap" && share === null)) return [];
  const ofShare = { mean: share ?? 0, sd: gapDeviation(row, all), interval: row.gapInterval?.top1 };
  const { mean: y, sd, interval } = metric === "gap" ? ofShare : row.metrics[metric];
  return [{ row, x: along, y, sd, ends: interval ?? [y - (sd ?? 0), y + (sd ?? 0)] }];
}

/** Whether a line has intervals. */
export function hasBand({ points }: Series): boolean {
  return points.some(({ y, sd, ends }) => sd !== null || ends.some((end) => end !== y));
}
