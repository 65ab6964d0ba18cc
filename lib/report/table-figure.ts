import type { MetricName, ResultRow, TableResult } from "../experiments/result";
import { baseLayout, bottomLegend, gridAxis, rowAxis } from "./base-layout";
import type { Annotation, Figure, Shape, Trace } from "./figure";
import { gapEnds } from "./gap-ends";
import { metricTitles } from "./metric-titles";
import { faintInk, ink } from "./palette";
import { percentText, summaryText } from "./percent-text";
import { plainText } from "./plain-text";

const barColour = "#7DB8DE";
const endColour = "#C4C4C4";

/** A bar a row with its deviation over seeds, a mark for each seed, and old/old and new/new as lines across all rows. */
export function tableFigure({ title, dataset, rows, seeds }: TableResult, metric: MetricName = "top1"): Figure {
  const several = seeds.length > 1;
  const gap = gapEnds(rows);
  const ends = gap === null ? [] : [gap.from, gap.to];
  const name = metricTitles[metric];
  const area = { width: 760, plot: 42 * rows.length, above: 34, below: several ? 92 : 60, left: 20, right: 104 };
  return {
    data: [
      bars(rows, (row) => !ends.includes(row), metric, several),
      { ...bars(rows, (row) => ends.includes(row), metric, several), marker: { color: endColour }, showlegend: false },
      ...(several ? [seedMarks(rows, metric)] : []),
    ],
    layout: {
      ...baseLayout(area, title, `${name}, ${dataset}`),
      showlegend: several,
      legend: bottomLegend,
      barmode: "overlay",
      xaxis: gridAxis(metric === "mAP" ? "mean average precision (%)" : `${name} (% of queries)`, {
        range: [0, upperEnd(rows, metric)],
      }),
      yaxis: rowAxis(rows.map(({ label }) => label)),
      shapes: ends.map((row) => referenceLine(row.metrics[metric].mean)),
      annotations: [
        ...ends.map((row) => referenceLabel(row, metric, row === gap?.to)),
        ...rows.map((row, index) => valueLabel(summaryText(row.metrics[metric]), index)),
      ],
    },
  };
}

function bars(
  rows: readonly ResultRow[],
  include: (row: ResultRow) => boolean,
  metric: MetricName,
  several: boolean,
): Trace & { readonly type: "bar" } {
  const shown = rows.flatMap((row, index) => (include(row) ? [{ ...row, index }] : []));
  const deviations = shown.map(({ metrics }) => metrics[metric].sd ?? 0);
  const error_x = { type: "data", array: deviations, color: ink, thickness: 1.5, width: 5 } as const;
  return {
    type: "bar",
    orientation: "h",
    name: "mean ± standard deviation",
    x: shown.map(({ metrics }) => metrics[metric].mean),
    y: shown.map(({ index }) => index),
    text: shown.map(({ label }) => plainText(label)),
    textposition: "none",
    width: 0.65,
    marker: { color: barColour },
    hovertemplate: "%{text}: %{x:.1f} %<extra></extra>",
    ...(several ? { error_x } : {}),
  };
}

function seedMarks(rows: readonly ResultRow[], metric: MetricName): Trace {
  const marks = rows.flatMap(({ perSeed }, index) => perSeed.map((measured) => ({ x: measured[metric], y: index })));
  return {
    type: "scatter",
    mode: "markers",
    name: "each seed",
    x: marks.map(({ x }) => x),
    y: marks.map(({ y }) => y + 0.24),
    marker: { color: "white", symbol: "circle", size: 6, line: { color: ink, width: 1.2 } },
    hovertemplate: "%{x:.1f} %<extra></extra>",
  };
}

function referenceLine(x: number): Shape {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, xref: "x", yref: "paper", line, layer: "above" };
}

/** The labels of the two lines extend away from each other, so that they do not meet when the gap is narrow. */
function referenceLabel(row: ResultRow, metric: MetricName, upper: boolean): Annotation {
  const { mean } = row.metrics[metric];
  return {
    text: `${plainText(row.label)} ${percentText(mean)}`,
    x: mean,
    y: 1,
    xref: "x",
    yref: "paper",
    showarrow: false,
    xanchor: upper ? "left" : "right",
    yanchor: "bottom",
    font: { size: 13, color: faintInk },
  };
}

function valueLabel(text: string, index: number): Annotation {
  return { text, x: 1.01, y: index, xref: "paper", yref: "y", showarrow: false, xanchor: "left", yanchor: "middle" };
}

function upperEnd(rows: readonly ResultRow[], metric: MetricName): number {
  const highest = Math.max(
    1,
    ...rows.flatMap(({ metrics, perSeed }) => [
      metrics[metric].mean + (metrics[metric].sd ?? 0),
      ...perSeed.map((measured) => measured[metric]),
    ]),
  );
  return Math.min(102, highest * 1.04);
}
