import type { Measure, ResultRow, Summary, TableResult } from "../../experiments/results/result";
import type { Annotation, Axis, Figure, PlotTrace } from "../plot/figure";
import { baseLayout, gridAxis, type Panel, panelAxes, panelGrid, ticksUpTo } from "../plot/layout";
import { colourAt, ink } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { measureText, plainText, wrappedText } from "../text/text";

interface DetailOptions {
  /** Ids of measures whose bars grow to the left, to stand against their neighbour on the right on one scale. */
  readonly leftward?: readonly string[];
}

/** Pixels that the panels have together. */
const panelsRoom = 500;

/** A measure and its panel: the ends of its bars, and the end of its axis, which leaves room for the numbers. */
interface Column {
  readonly measure: Measure;
  readonly panel: Panel;
  readonly leftward: boolean;
  readonly lowest: number;
  readonly highest: number;
  readonly end: number;
}

/**
 * Chosen measures of every row that has one of them, as bars from 0, a panel with an axis of its own a measure. A leftward one and its
 * neighbour share a scale. Throws RangeError for an id that is none of the result's measures.
 */
export function detailFigure(
  { title, dataset, rows, measures = [] }: TableResult,
  measureIds: readonly string[],
  { leftward = [] }: DetailOptions = {},
): Figure {
  const chosen = measureIds.map((id) => measureNamed(measures, id));
  const places = rowPlaces(rows.filter(({ details }) => chosen.some(({ id }) => details?.[id] !== undefined)));
  const columns = columnsOf(chosen, places, leftward);
  const axisLines = columns.map(({ measure }) => axisText(measure, columns.length).split("<br>").length);
  const plot = places.height * Math.max(1, places.count);
  const area = { width: 760, plot, above: 14, below: 42 + 20 * Math.max(1, ...axisLines), left: 20, right: 16 };
  return {
    data: columns.map((column) => bars(places, column)),
    layout: {
      ...baseLayout(area, title, dataset),
      barmode: "overlay",
      ...panelAxes(
        columns.map(({ panel }) => panel),
        ({ index }) => ({
          x: measureAxis(columns[index], columns.length),
          y: { ...rowAxis(places), ...(index === 0 ? {} : { showticklabels: false }) },
        }),
      ),
      annotations: [...groupHeadings(places), ...columns.flatMap((column) => numbers(places, column))],
    },
  };
}

function columnsOf(chosen: readonly Measure[], places: RowPlaces, leftward: readonly string[]): readonly Column[] {
  const panels = panelGrid(chosen.length, Math.max(1, chosen.length), { x: 0.06, y: 0 });
  return chosen.flatMap((measure, index) => {
    const panel = panels[index];
    if (panel === undefined) return [];
    const together = neighbours(chosen, index, leftward);
    const [lowest, highest] = barEnds(places, together);
    const share = (Math.max(...together.map((each) => numberRoom(places, each))) * chosen.length) / panelsRoom;
    const end = lowest + ((highest - lowest) * 1.04) / (1 - Math.min(0.7, share));
    return [{ measure, panel, leftward: leftward.includes(measure.id), lowest, highest, end }];
  });
}

/** Pixels that the numbers of a measure take. */
function numberRoom(places: RowPlaces, { id, decimals }: Measure): number {
  const lengths = measuredRows(places, id).map(({ summary }) => measureText(summary, decimals).length);
  return 14 + 7.2 * Math.max(0, ...lengths);
}

/** Ticks as far as the bars go; a leftward axis leaves its 0 to the neighbour. */
function measureAxis(column: Column | undefined, count: number): Axis {
  if (column === undefined) return {};
  const { measure, leftward, lowest, highest, end } = column;
  const below = ticksUpTo(-lowest, 1).flatMap((tick) => (tick > 0 ? [-tick] : []));
  const ticks = [...below, ...ticksUpTo(highest, count > 2 ? 1 : 2)].filter((tick) => !leftward || tick !== 0);
  return {
    ...gridAxis("", { range: leftward ? [end, lowest * 1.04] : [lowest * 1.04, end] }),
    title: { text: axisText(measure, count), standoff: 8, font: { size: 13 } },
    tickmode: "array",
    tickvals: ticks,
    ticktext: ticks.map((tick) => String(tick).replace("-", "−")),
    tickangle: 0,
  };
}

function measureNamed(measures: readonly Measure[], id: string): Measure {
  const measure = measures.find((each) => each.id === id);
  if (measure !== undefined) return measure;
  throw new RangeError(`measure ${id}: there are ${measures.map((each) => each.id).join(", ") || "none"}`);
}

/** The measures that share a scale: a leftward one with the next, any other alone. */
function neighbours(chosen: readonly Measure[], index: number, leftward: readonly string[]): readonly Measure[] {
  const isLeftward = (at: number): boolean => leftward.includes(chosen[at]?.id ?? "");
  const from = !isLeftward(index) && isLeftward(index - 1) ? index - 1 : index;
  return chosen.slice(from, (isLeftward(from) ? from + 1 : from) + 1);
}

/** What the bars of some measures span, deviations included; 0 to 1 where all are 0. */
function barEnds(places: RowPlaces, measures: readonly Measure[]): readonly [number, number] {
  const summaries = measures.flatMap(({ id }) => measuredRows(places, id).map(({ summary }) => summary));
  const lowest = Math.min(0, ...summaries.map(({ mean, sd }) => (mean < 0 ? mean - (sd ?? 0) : 0)));
  const highest = Math.max(0, ...summaries.map(({ mean, sd }) => mean + (sd ?? 0)));
  return [lowest, highest > lowest ? highest : lowest + 1];
}

/** A row and its number of one measure. */
interface Measured {
  readonly row: ResultRow;
  readonly place: number;
  readonly summary: Summary;
}

function measuredRows({ rows }: RowPlaces, id: string): readonly Measured[] {
  return rows.flatMap(({ row, place }) => {
    const summary = row.details?.[id];
    return summary === undefined ? [] : [{ row, place, summary }];
  });
}

function bars(places: RowPlaces, { measure: { id, title }, panel: { index, suffix } }: Column): PlotTrace {
  const shown = measuredRows(places, id);
  const array = shown.map(({ summary }) => summary.sd ?? 0);
  const error_x = { type: "data", array, color: ink, thickness: 1.5, width: 4 } as const;
  return {
    type: "bar",
    orientation: "h",
    name: plainText(title),
    x: shown.map(({ summary }) => summary.mean),
    y: shown.map(({ place }) => place),
    text: shown.map(({ row }) => plainText(row.label)),
    textposition: "none",
    width: 0.6,
    marker: { color: colourAt(index) },
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    hovertemplate: "%{text}: %{x}<extra>%{fullData.name}</extra>",
    ...(array.some((sd) => sd > 0) ? { error_x } : {}),
  };
}

/** The numbers below each other at the end of the axis away from zero. */
function numbers(places: RowPlaces, { measure, panel, leftward }: Column): readonly Annotation[] {
  const [left, right] = panel.x;
  const side = leftward ? ({ x: left, xanchor: "left" } as const) : ({ x: right, xanchor: "right" } as const);
  return measuredRows(places, measure.id).map(({ place, summary }) => ({
    text: measureText(summary, measure.decimals),
    ...side,
    y: place,
    xref: "paper",
    yref: `y${panel.suffix}`,
    showarrow: false,
    yanchor: "middle",
    font: { size: 12 },
  }));
}

function axisText({ title }: Measure, panels: number): string {
  return wrappedText(title, Math.floor(panelsRoom / panels / 8));
}
