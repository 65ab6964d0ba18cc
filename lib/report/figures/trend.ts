import type { Measure, MetricName, ResultRow, Summary, TableResult } from "../../experiments/results/result";
import type { Axis, Figure, PlotTrace } from "../plot/figure";
import { baseLayout, bottomLegend, gridAxis } from "../plot/layout";
import { colourAt, symbolAt } from "../plot/palette";
import { metricTitles, plainText } from "../text/text";

interface TrendOptions {
  /** Id of the measure along the horizontal axis, such as a size. */
  readonly x: string;
  /** A metric in percent, or the share of the top-1 gap closed. */
  readonly metric?: MetricName | "gap";
  /** Whether the horizontal axis is logarithmic; every measured value must then be positive. */
  readonly log?: boolean;
  /** The line that a row lies on. */
  readonly series?: (row: ResultRow) => string;
}

/** A row's place in the figure; sd is null for one run and for shares of the gap. */
interface Point {
  readonly series: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly sd: number | null;
}

/**
 * A metric of the rows that have a measure, by that measure: a line a series, which is the row's group unless told otherwise. Throws
 * RangeError where the measure is none of the result's, or is not positive on a logarithmic axis.
 */
export function trendFigure(
  { title, dataset, rows, measures = [] }: TableResult,
  { x, metric = "top1", log = false, series = ({ group }) => group ?? "" }: TrendOptions,
): Figure {
  const measure = measures.find(({ id }) => id === x);
  if (measure === undefined) throw new RangeError(`measure ${x}: there are ${idsOf(measures)}`);
  const points = rows.flatMap((row) => pointsOf(row, { x, metric, series: series(row) }));
  const bad = points.find((point) => log && point.x <= 0);
  if (bad !== undefined) throw new RangeError(`${bad.label}: ${x} ${bad.x} on a logarithmic axis, positive is allowed`);
  const names = [...new Set(points.map((point) => point.series))];
  const legend = names.length > 1;
  const below = 62 + (legend ? 24 * names.length + 10 : 0);
  const heading = `${metric === "gap" ? "share of the gap closed" : metricTitles[metric]}, ${dataset}`;
  return {
    data: names.map((name, index) => line(points, name, index)),
    layout: {
      ...baseLayout({ width: 760, plot: 330, above: 14, below, left: 66, right: 24 }, title, heading),
      showlegend: legend,
      legend: { ...bottomLegend, entrywidth: 640, entrywidthmode: "pixels" },
      xaxis: gridAxis(plainText(measure.title), measureAxis(points, log)),
      yaxis: gridAxis(axisText(metric), { nticks: 8 }),
    },
  };
}

function idsOf(measures: readonly Measure[]): string {
  return measures.map(({ id }) => id).join(", ") || "none";
}

function pointsOf(
  row: ResultRow,
  { x, metric, series }: { readonly x: string; readonly metric: MetricName | "gap"; readonly series: string },
): readonly Point[] {
  const along = row.details?.[x]?.mean;
  const measured = metric === "gap" ? shareOf(row) : row.metrics[metric];
  if (along === undefined || measured === null) return [];
  return [{ series, label: row.label, x: along, y: measured.mean, sd: measured.sd }];
}

function shareOf({ gapClosed }: ResultRow): Pick<Summary, "mean" | "sd"> | null {
  return gapClosed.top1 === null ? null : { mean: gapClosed.top1, sd: null };
}

function line(points: readonly Point[], name: string, index: number): PlotTrace {
  const own = points.filter(({ series }) => series === name).sort((a, b) => a.x - b.x);
  const array = own.map(({ sd }) => sd ?? 0);
  const error_y = { type: "data", array, color: colourAt(index), thickness: 1.5, width: 4 } as const;
  return {
    type: "scatter",
    mode: "lines+markers",
    name: plainText(name),
    x: own.map(({ x }) => x),
    y: own.map(({ y }) => y),
    text: own.map(({ label }) => plainText(label)),
    line: { color: colourAt(index), width: 2 },
    marker: { color: colourAt(index), symbol: symbolAt(index), size: 9, line: { color: "white", width: 0.6 } },
    hovertemplate: "%{text}, %{x}: %{y:.1f} %<extra>%{fullData.name}</extra>",
    ...(own.some(({ sd }) => sd !== null) ? { error_y } : {}),
  };
}

/** Ticks at the measured values where there are few, which is what a reader looks up. */
function measureAxis(points: readonly Point[], log: boolean): Axis {
  const values = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const ticks = { tickmode: "array", tickvals: values, ticktext: values.map(String) } as const;
  return { type: log ? "log" : "linear", ...(values.length <= 8 ? ticks : {}) };
}

function axisText(metric: MetricName | "gap"): string {
  if (metric === "gap") return "share of the top-1 gap closed (%)";
  return metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
}
