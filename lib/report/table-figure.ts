import type { MetricName, ResultRow, TableResult } from "../experiments/result";
import { isAnchor, newRow } from "./anchors";
import { baseLayout, bottomLegend, gridAxis, rowAxis } from "./base-layout";
import type { Annotation, Figure, Shape, Trace } from "./figure";
import { metricTitles } from "./metric-titles";
import { faintInk, ink } from "./palette";
import { percentText, summaryText } from "./percent-text";
import { plainText } from "./plain-text";

const barColour = "#7DB8DE";
const anchorColour = "#C4C4C4";

/** A bar a row with its deviation over seeds, a mark for each seed, and old/old and new/new as lines across all rows. */
export function tableFigure({ title, scale, rows, seeds }: TableResult, metric: MetricName = "top1"): Figure {
  const several = seeds.length > 1;
  const anchors = rows.filter(isAnchor);
  const name = metricTitles[metric];
  const size = { width: 760, height: (several ? 182 : 150) + 42 * rows.length };
  return {
    data: [
      bars(rows, metric, several),
      { ...bars(rows, metric, several, true), showlegend: false },
      ...(several ? [seedMarks(rows, metric)] : []),
    ],
    layout: {
      ...baseLayout(size, `${title}: ${name}, scale ${scale}`),
      margin: { l: 20, r: 104, t: 76, b: several ? 92 : 60 },
      showlegend: several,
      legend: bottomLegend,
      bargap: 0.35,
      barmode: "overlay",
      xaxis: gridAxis(metric === "mAP" ? "mean average precision (%)" : `${name} (% of queries)`, {
        range: [0, upperEnd(rows, metric)],
      }),
      yaxis: rowAxis(rows.map(({ label }) => label)),
      shapes: anchors.map((row) => referenceLine(row.metrics[metric].mean)),
      annotations: [
        ...anchors.map((row) => referenceLabel(row, metric)),
        ...rows.map((row, index) => valueLabel(summaryText(row.metrics[metric]), index)),
      ],
    },
  };
}

/** The bars of the methods, or those of the two ends of the gap, which have a colour of their own. */
function bars(rows: readonly ResultRow[], metric: MetricName, several: boolean, anchors = false): Trace {
  const shown = rows.flatMap((row, index) => (isAnchor(row) === anchors ? [{ ...row, index }] : []));
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
    marker: { color: anchors ? anchorColour : barColour },
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
function referenceLabel(row: ResultRow, metric: MetricName): Annotation {
  const { mean } = row.metrics[metric];
  return {
    text: `${plainText(row.label)} ${percentText(mean)}`,
    x: mean,
    y: 1,
    xref: "x",
    yref: "paper",
    showarrow: false,
    xanchor: row.id === newRow ? "left" : "right",
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
