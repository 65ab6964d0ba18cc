import type { MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import { gridAxis } from "../plot/axes";
import { dotTraces, intervalText, seedDrop, seedMarker } from "../plot/dots";
import type { Annotation, Figure, PlotTrace, Shape } from "../plot/figure";
import { pageOf } from "../plot/layout";
import { faintInk } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { textWidth } from "../plot/text-width";
import { type References, referencesOf } from "../text/rows";
import { deviationText, metricLongTitles, metricTitles } from "../text/text";

/** The room above the panel, pixels. */
const above = 12;

/** On either side of the rows' numbers, pixels. */
const numbersEdge = 10;

/** The least height of a row, with or without the circles of single seeds, pixels. */
const leastHeight = { several: 40, one: 0 } as const;

/** How far the axis goes on after the highest number, and at most, percent. */
const slack = 1.04;
const farthest = 102;

/**
 * A dot for each row in the colour of its role, with its deviation over seeds and a circle for each
 * seed; old/old and new/new as lines across the rows that they are the references of. If a row has
 * a curve, its dot is the mean of the curve (AUC).
 */
export function tableFigure(result: TableResult, metric: MetricName = "top1"): Figure {
  const { dataset, rows } = result;
  const curves = rows.some(({ curve }) => curve !== undefined) ? "; for a backfill the mean of its curve (AUC)" : "";
  return rowsFigure(rows, { metric, subtitle: `${dataset}${curves}; ${intervalText(result)}` });
}

/** The rows of which such a figure is; the lines are added to its subtitle. */
export function rowsFigure(
  rows: readonly ResultRow[],
  { metric, subtitle }: { readonly metric: MetricName; readonly subtitle: string },
): Figure {
  const several = rows.some(({ perSeed }) => perSeed.length > 1);
  const places = rowPlaces(rows, { least: several ? leastHeight.several : leastHeight.one });
  const references = places.runs.map(({ group }) => referencesOf(rows, group));
  const axis = axisText(metric);
  const numbers = places.rows.map(({ row }) => deviationText(row.metrics[metric]));
  const items = rows.map((row, index) => `${rowName(row)} ${numbers[index]}`);
  return {
    data: [...dots(places, metric), ...(several ? [seedMarks(places, metric)] : [])],
    layout: {
      ...pageOf({
        title: metricLongTitles[metric],
        subtitle: `${subtitle}${numbersText(rows, metric)}${linesText(references)}`,
        described: { kind: "Dot plot", axes: [`Horizontally: ${axis}`], items },
        panels: { rows: 1, height: places.height },
        above,
        left: places.left,
        right: Math.ceil(Math.max(0, ...numbers.map((text) => textWidth(text, { size: 14 })))) + 2 * numbersEdge,
      }),
      xaxis: gridAxis(axis, { range: [0, upperEnd(rows, metric)], nticks: 6 }),
      yaxis: rowAxis(places),
      shapes: referenceLines(places, references, metric),
      annotations: [
        ...groupHeadings(places),
        ...places.rows.map(({ place }, index) => valueLabel(numbers[index] ?? "", place)),
      ],
    },
  };
}

function axisText(metric: MetricName): string {
  return metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
}

function rowName({ label, group }: ResultRow): string {
  return group === undefined ? label : `${group}: ${label}`;
}

/** What the printed numbers are, where the bars are something else. */
function numbersText(rows: readonly ResultRow[], metric: MetricName): string {
  const both = rows.some(({ metrics: { [metric]: summary } }) => summary.sd !== null && summary.interval !== undefined);
  return both ? "; numbers: mean ± standard deviation over seeds" : "";
}

function linesText(references: readonly References[]): string {
  const any = references.some(({ old, next }) => old !== null || next !== null);
  if (!any) return "";
  return `; dashed lines: old / old and new / new${references.length > 1 ? " of each update" : ""}`;
}

function dots({ rows }: RowPlaces, metric: MetricName): readonly PlotTrace[] {
  const shown = rows.map(({ row, place }) => {
    const { mean, sd, interval } = row.metrics[metric];
    return { row, place, value: mean, sd, interval };
  });
  return dotTraces(shown, { name: "mean ± standard deviation", hovertemplate: "%{text}: %{x:.1f} %<extra></extra>" });
}

function seedMarks({ rows }: RowPlaces, metric: MetricName): PlotTrace {
  const repeated = rows.filter(({ row }) => row.perSeed.length > 1);
  const marks = repeated.flatMap(({ row, place }) =>
    row.perSeed.map((measured) => ({ x: measured[metric], y: place })),
  );
  return {
    type: "scatter",
    mode: "markers",
    name: "each seed",
    x: marks.map(({ x }) => x),
    y: marks.map(({ y }) => y + seedDrop),
    marker: seedMarker,
    cliponaxis: false,
    showlegend: false,
    hovertemplate: "%{x:.1f} %<extra></extra>",
  };
}

/** The lines of each group across its heading and its rows: equal ones run through. */
function referenceLines({ runs }: RowPlaces, references: readonly References[], metric: MetricName): readonly Shape[] {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return runs.flatMap(({ top, bottom, heading }, index) => {
    const { old = null, next = null } = references[index] ?? {};
    return [old, next].flatMap((row) => {
      if (row === null) return [];
      const x = row.metrics[metric].mean;
      return [
        { type: "line", x0: x, x1: x, y0: heading ?? top, y1: bottom, xref: "x", yref: "y", line, layer: "between" },
      ];
    });
  });
}

function valueLabel(text: string, place: number): Annotation {
  const at = { x: 1, xshift: numbersEdge - 2, y: place, xref: "paper", yref: "y" } as const;
  return { text, ...at, showarrow: false, xanchor: "left", yanchor: "middle" };
}

function upperEnd(rows: readonly ResultRow[], metric: MetricName): number {
  const highest = Math.max(
    1,
    ...rows.flatMap(({ metrics, perSeed }) => [
      metrics[metric].mean + (metrics[metric].sd ?? 0),
      metrics[metric].interval?.[1] ?? 0,
      ...perSeed.map((measured) => measured[metric]),
    ]),
  );
  return Math.min(farthest, highest * slack);
}
