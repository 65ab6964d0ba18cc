import { unexpected } from "../../core/check";
import type { Measure, MetricName, TableResult } from "../../experiments/results/result";
import { gridAxis, ticksApart, tickTexts } from "../plot/axes";
import { bandTrace } from "../plot/band";
import type { Annotation, Axis, Figure, PlotTrace, Shape } from "../plot/figure";
import { cornerAxisRoom, entryText, legendColumn, numbersMargin, pageOf, pageWidth } from "../plot/layout";
import { faintInk } from "../plot/palette";
import { measureNamed } from "../text/rows";
import { metricLongTitles, metricTitles, percentText, plainText, summaryText } from "../text/text";
import { hasBand, type Point, type Series, seriesOf, type TrendOptions } from "./parts/trend-series";

/** The panel and the room above it, pixels. */
const panelHeight = 270;
const above = 14;

/** Right of the panel: for half a tick's label, or the names of the ends of the gap, pixels. */
const rightMargin = { bare: 24, ends: 84 } as const;

/** Up to this number of measured values, all of them are ticks: a reader looks them up. */
const mostTicks = 8;

/** Room below 0 and above 100 for marks, or for numbers over those of a single line, percent. */
const slack = { marks: 4, numbers: 14 } as const;

/** Up to this span there is a tick at every 20 %. */
const mostSpan = 200;

/** Left and right of the outermost values, as a share of what they span. */
const axisEdge = 0.06;

/**
 * A metric of the rows that have a measure, by that measure, on an axis that holds 0 and 100 %: a
 * line for each series (by default for each group of rows), named in a legend if there are several,
 * dotted and without a band if there is one seed, else with the band of a standard deviation.
 * Throws RangeError if the result has no such measure, or if a value is not positive and the axis
 * is logarithmic.
 */
export function trendFigure(result: TableResult, options: TrendOptions): Figure {
  const { x, metric = "top1", log = false } = options;
  const measure = measureNamed(result.measures ?? [], x);
  const { title = titleOf(measure, metric) } = options;
  const lines = seriesOf(result, options);
  const bad = lines.flatMap(({ points }) => points).find((point) => log && point.x <= 0);
  if (bad !== undefined) throw unexpected(`${bad.row.label}, ${x}`, "a number above 0 on a logarithmic axis", bad.x);
  const named = lines.length > 1;
  const range = rangeOf(lines, named ? slack.marks : slack.numbers);
  const right = metric === "gap" ? rightMargin.ends : rightMargin.bare;
  const xTitle = `${measure.title}${log ? " (log scale)" : ""}`;
  return {
    data: [...lines.flatMap(band), ...lines.map((line) => ({ ...drawn(line), showlegend: named }))],
    layout: {
      ...pageOf({
        title,
        subtitle: `${result.dataset}; ${bandText(lines, result)}`,
        described: {
          kind: "Line plot",
          axes: [`Horizontally: ${xTitle}`, `vertically: ${axisText(metric)}`],
          items: lines.map(inWords),
        },
        panels: { rows: 1, height: panelHeight },
        above,
        axis: cornerAxisRoom,
        ...(named ? { legend: legendColumn(lines.map(({ name }) => name)) } : {}),
        left: numbersMargin,
        right,
      }),
      xaxis: gridAxis(plainText(xTitle), measureAxis(lines, { log, room: pageWidth - numbersMargin - right })),
      yaxis: gridAxis(axisText(metric), {
        range,
        ...(range[1] - range[0] <= mostSpan ? { dtick: 20 } : { nticks: 7 }),
      }),
      shapes: metric === "gap" ? [endLine(0), endLine(100)] : [],
      annotations: [
        ...(metric === "gap" ? [endName("old / old", 0), endName("new / new", 100)] : []),
        ...(named ? [] : lines.flatMap(({ points }) => points.map((point) => written(point, log)))),
      ],
    },
  };
}

/** The band of intervals, or of standard deviations, around a line. */
function band(line: Series): readonly PlotTrace[] {
  return hasBand(line) ? [bandTrace(line.points, line.colour, "2E")] : [];
}

function drawn(line: Series): PlotTrace {
  const { name, points, colour, symbol } = line;
  return {
    type: "scatter",
    mode: "lines+markers",
    name: entryText(name),
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    text: points.map(({ row }) => plainText(row.label)),
    line: { color: colour, width: hasBand(line) ? 2 : 1.2, dash: hasBand(line) ? "solid" : "dot" },
    marker: { color: colour, symbol, size: 11, line: { color: "white", width: 0.6 } },
    cliponaxis: false,
    hovertemplate: "%{text}, %{x}: %{y:.1f} %<extra>%{fullData.name}</extra>",
  };
}

/** The number of a point, over it and over its band. */
function written({ x, y, ends }: Point, log: boolean): Annotation {
  const at = { x: log ? Math.log10(x) : x, y: ends[1], xref: "x", yref: "y", yshift: 8 } as const;
  return { text: percentText(y), ...at, showarrow: false, xanchor: "center", yanchor: "bottom" };
}

function rangeOf(lines: readonly Series[], above100: number): readonly [number, number] {
  const ends = lines.flatMap(({ points }) => points.flatMap((point) => point.ends));
  return [Math.min(0, ...ends) - slack.marks, Math.max(100, ...ends) + above100];
}

function bandText(lines: readonly Series[], { seeds, rows }: TableResult): string {
  if (rows.some(({ metrics }) => metrics.top1.interval !== undefined)) {
    return `band: 95 % intervals over ${seeds.length === 1 ? "" : `${seeds.length} seeds and `}classes`;
  }
  return lines.some(hasBand) ? `mean, band: standard deviation of ${seeds.length} seeds` : "one seed, so no interval";
}

function inWords({ name, points }: Series): string {
  const values = points.map(({ x, y, sd }) => `${summaryText({ mean: y, sd })} % at ${x.toLocaleString("en-US")}`);
  return `${name === "" ? "" : `${name}: `}${values.join(", ")}`;
}

function endLine(y: number): Shape {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return { type: "line", x0: 0, x1: 1, y0: y, y1: y, xref: "paper", yref: "y", line, layer: "between" };
}

function endName(text: string, y: number): Annotation {
  return { text, x: 1, xshift: 6, y, xref: "paper", yref: "y", showarrow: false, xanchor: "left", yanchor: "middle" };
}

/** An axis of `room` pixels, with ticks at the measured values whose labels do not meet. */
function measureAxis(lines: readonly Series[], { log, room }: { readonly log: boolean; readonly room: number }): Axis {
  const place = (value: number): number => (log ? Math.log10(value) : value);
  const values = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const [low, high] = [place(values[0] ?? 1), place(values.at(-1) ?? 1)];
  const edge = axisEdge * (high - low || 1);
  const pixels = (value: number): number => (room * (place(value) - low)) / (high - low + 2 * edge || 1);
  const shown = ticksApart(values, pixels);
  const ticks = { tickmode: "array", tickvals: shown, ticktext: tickTexts(shown) } as const;
  const axis = { type: log ? "log" : "linear", range: [low - edge, high + edge], tickangle: 0 } as const;
  return { ...axis, ...(values.length <= mostTicks ? ticks : { nticks: 6 }) };
}

function titleOf({ title }: Measure, metric: MetricName | "gap"): string {
  const along = title.replace(/ \([^)]*\)$/, "");
  return `${metric === "gap" ? "Gap closed" : metricLongTitles[metric]} by ${along}`;
}

function axisText(metric: MetricName | "gap"): string {
  if (metric === "gap") return "share of the top-1 gap closed (%)";
  return metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
}
