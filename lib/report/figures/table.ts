import type { MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import { gridAxis } from "../plot/axes";
import type { Annotation, Figure, PlotTrace, Shape } from "../plot/figure";
import { legendRow, pageOf } from "../plot/layout";
import { faintInk, ink } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { type GapEnds, gapEnds } from "../text/rows";
import { metricTitles, percentText, plainText, summaryText } from "../text/text";

const barColour = "#7DB8DE";
const endColour = "#C4C4C4";

/** Above the panel, for the labels of old/old and new/new; at its right, for the rows' numbers. */
const endsRoom = 34;
const numbersRoom = 104;

/** How far the axis goes on after the longest bar, and at most, percent. */
const slack = 1.04;
const farthest = 102;

/**
 * A bar for each row with its deviation over seeds, a mark for each seed, and old/old and new/new
 * as lines across the rows whose gap they span. If a row has a curve, its bar is the mean of the
 * curve (AUC).
 */
export function tableFigure({ title, dataset, rows, seeds }: TableResult, metric: MetricName = "top1"): Figure {
  const several = seeds.length > 1;
  const places = rowPlaces(rows);
  const gaps = places.runs.map(({ group }) => gapEnds(rows, group));
  const ends = new Set(gaps.flatMap((gap) => (gap === null ? [] : [gap.from, gap.to])));
  const common = commonGap(gaps);
  const name = metricTitles[metric];
  const curves = rows.some(({ curve }) => curve !== undefined) ? ", for a backfill the mean of its curve (AUC)" : "";
  return {
    data: [
      bars(places, (row) => !ends.has(row), metric, several),
      { ...bars(places, (row) => ends.has(row), metric, several), marker: { color: endColour }, showlegend: false },
      ...(several ? [seedMarks(places, metric)] : []),
    ],
    layout: {
      ...pageOf({
        title,
        subtitle: `${name}${curves}, ${dataset}`,
        panels: { rows: places.count, height: places.height },
        above: endsRoom,
        legend: legendRow({ shown: several }),
        right: numbersRoom,
      }),
      barmode: "overlay",
      xaxis: gridAxis(metric === "mAP" ? "mean average precision (%)" : `${name} (% of queries)`, {
        range: [0, upperEnd(rows, metric)],
      }),
      yaxis: rowAxis(places),
      shapes: common === null ? runLines(places, gaps, metric) : lines(common, metric, wholeHeight),
      annotations: [
        ...(common === null ? [] : endLabels(common, metric)),
        ...groupHeadings(places),
        ...places.rows.map(({ row, place }) => valueLabel(summaryText(row.metrics[metric]), place)),
      ],
    },
  };
}

/** The gap that all groups share; null if their gaps differ or there is none. */
function commonGap(gaps: readonly (GapEnds | null)[]): GapEnds | null {
  const [first = null] = gaps;
  return gaps.every((gap) => gap?.from === first?.from && gap?.to === first?.to) ? first : null;
}

function bars(
  places: RowPlaces,
  include: (row: ResultRow) => boolean,
  metric: MetricName,
  several: boolean,
): PlotTrace & { readonly type: "bar" } {
  const shown = places.rows.filter(({ row }) => include(row));
  const deviations = shown.map(({ row }) => row.metrics[metric].sd ?? 0);
  const error_x = { type: "data", array: deviations, color: ink, thickness: 1.5, width: 5 } as const;
  return {
    type: "bar",
    orientation: "h",
    name: "mean ± standard deviation",
    x: shown.map(({ row }) => row.metrics[metric].mean),
    y: shown.map(({ place }) => place),
    text: shown.map(({ row }) => plainText(row.label)),
    textposition: "none",
    width: 0.65,
    marker: { color: barColour },
    hovertemplate: "%{text}: %{x:.1f} %<extra></extra>",
    ...(several ? { error_x } : {}),
  };
}

function seedMarks({ rows }: RowPlaces, metric: MetricName): PlotTrace {
  const marks = rows.flatMap(({ row, place }) => row.perSeed.map((measured) => ({ x: measured[metric], y: place })));
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

/** A stretch of the vertical axis. */
type Stretch = Pick<Shape, "y0" | "y1" | "yref">;

const wholeHeight: Stretch = { y0: 0, y1: 1, yref: "paper" };

function lines({ from, to }: GapEnds, metric: MetricName, { y0, y1, yref }: Stretch): readonly Shape[] {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return [from, to].map((row) => {
    const x = row.metrics[metric].mean;
    return { type: "line", x0: x, x1: x, y0, y1, xref: "x", yref, line, layer: "above" };
  });
}

/** The lines of each group across its own rows. */
function runLines(places: RowPlaces, gaps: readonly (GapEnds | null)[], metric: MetricName): readonly Shape[] {
  return places.runs.flatMap(({ first, last }, index) => {
    const gap = gaps[index] ?? null;
    return gap === null ? [] : lines(gap, metric, { y0: first - 0.5, y1: last + 0.5, yref: "y" });
  });
}

/** Labels that extend away from each other, so that they do not meet if the gap is narrow. */
function endLabels({ from, to }: GapEnds, metric: MetricName): readonly Annotation[] {
  return [endLabel(from, metric, false), endLabel(to, metric, true)];
}

function endLabel(row: ResultRow, metric: MetricName, upper: boolean): Annotation {
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
  return Math.min(farthest, highest * slack);
}
