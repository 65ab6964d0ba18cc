import { unexpected } from "../../core/check";
import type { MetricName, ResultRow, Summary, TableResult } from "../../experiments/results/result";
import { gridAxis } from "../plot/axes";
import type { Axis, Figure, PlotTrace } from "../plot/figure";
import { cornerAxisRoom, legendColumn, numbersMargin, pageOf } from "../plot/layout";
import { colourAt, symbolAt } from "../plot/palette";
import { measureNamed } from "../text/rows";
import { metricTitles, plainText } from "../text/text";

/** The panel and the room above it, pixels. */
const panelHeight = 330;
const above = 14;

/** Up to this number of measured values, all of them are ticks: a reader looks them up. */
const mostTicks = 8;

interface TrendOptions {
  /** Id of the measure along the horizontal axis, such as a size. */
  readonly x: string;
  /** A metric in percent, or the share of the top-1 gap closed. */
  readonly metric?: MetricName | "gap";
  /** Whether the horizontal axis is logarithmic; every measured value must then be positive. */
  readonly log?: boolean;
  /** The name of the line that a row lies on. */
  readonly series?: (row: ResultRow) => string;
}

/** A row's place in the figure; `sd` is null for a single run and for shares of the gap. */
interface Point {
  readonly series: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly sd: number | null;
}

/**
 * A metric of the rows that have a measure, by that measure, with a line for each series: by
 * default for each group of rows. Throws RangeError if the result has no such measure, or if a
 * value is not positive and the axis is logarithmic.
 */
export function trendFigure(
  { title, dataset, rows, measures = [] }: TableResult,
  { x, metric = "top1", log = false, series = ({ group }) => group ?? "" }: TrendOptions,
): Figure {
  const measure = measureNamed(measures, x);
  const points = rows.flatMap((row) => pointsOf(row, { x, metric, series: series(row) }));
  const bad = points.find((point) => log && point.x <= 0);
  if (bad !== undefined) throw unexpected(`${bad.label}, ${x}`, "a number above 0 on a logarithmic axis", bad.x);
  const names = [...new Set(points.map((point) => point.series))];
  const heading = `${metric === "gap" ? "share of the gap closed" : metricTitles[metric]}, ${dataset}`;
  return {
    data: names.map((name, index) => line(points, name, index)),
    layout: {
      ...pageOf({
        title,
        subtitle: heading,
        panels: { rows: 1, height: panelHeight },
        above,
        axis: cornerAxisRoom,
        legend: legendColumn(names.length, { shown: names.length > 1 }),
        left: numbersMargin,
      }),
      xaxis: gridAxis(plainText(measure.title), measureAxis(points, log)),
      yaxis: gridAxis(axisText(metric), { nticks: 8 }),
    },
  };
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

function measureAxis(points: readonly Point[], log: boolean): Axis {
  const values = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const ticks = { tickmode: "array", tickvals: values, ticktext: values.map(String) } as const;
  return { type: log ? "log" : "linear", ...(values.length <= mostTicks ? ticks : {}) };
}

function axisText(metric: MetricName | "gap"): string {
  if (metric === "gap") return "share of the top-1 gap closed (%)";
  return metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
}
