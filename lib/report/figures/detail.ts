import type { Measure, ResultRow, Summary, TableResult } from "../../experiments/results/result";
import { gridAxis, type Panel, panelAxes, panelGrid, ticksUpTo } from "../plot/axes";
import type { Annotation, Axis, Figure, PlotTrace } from "../plot/figure";
import { pageOf } from "../plot/layout";
import { colourAt, ink } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { measureNamed } from "../text/rows";
import { measureText, plainText, wrappedText } from "../text/text";

interface DetailOptions {
  /**
   * Ids of measures whose bars grow to the left, on one scale with their neighbour on the right.
   */
  readonly leftward?: readonly string[];
}

/** The width that the panels have together, about, and the room above them, pixels. */
const panelsRoom = 500;
const above = 14;

/** Right of the panels, for the second half of the last tick's label, pixels. */
const rightMargin = 16;

/** Below the panels: the ticks' labels, and each line of an axis title, pixels. */
const ticksRoom = 42;
const titleLine = 20;

/** Pixels of a character, on average: of an axis title, and of the numbers beside the bars. */
const titleCharacter = 8;
const numberCharacter = 7.2;

/**
 * Pixels between a bar and its number, and the greatest share of a panel that the numbers may take.
 */
const numbersGap = 14;
const mostNumbers = 0.7;

/** How far an axis goes on beyond its longest bar. */
const slack = 1.04;

/**
 * A measure in its panel: the ends of its bars, and of its axis, which leaves room for the numbers.
 */
interface Column {
  readonly measure: Measure;
  readonly leftward: boolean;
  readonly lowest: number;
  readonly highest: number;
  readonly end: number;
}

/**
 * Chosen measures of every row that has one of them, as bars from 0. Each measure has a panel and
 * an axis of its own, but a leftward one and its neighbour share a scale. Throws RangeError for an
 * id that the result's measures lack.
 */
export function detailFigure(
  { title, dataset, rows, measures = [] }: TableResult,
  measureIds: readonly string[],
  { leftward = [] }: DetailOptions = {},
): Figure {
  const chosen = measureIds.map((id) => measureNamed(measures, id));
  const places = rowPlaces(rows.filter(({ details }) => chosen.some(({ id }) => details?.[id] !== undefined)));
  const columns = columnsOf(chosen, places, leftward);
  const panels = panelGrid(columns, Math.max(1, columns.length), { x: 0.06, y: 0 });
  const titleLines = columns.map(({ measure }) => axisText(measure, columns.length).split("<br>").length);
  return {
    data: panels.map((panel) => bars(places, panel)),
    layout: {
      ...pageOf({
        title,
        subtitle: dataset,
        panels: { rows: Math.max(1, places.count), height: places.height },
        above,
        axis: ticksRoom + titleLine * Math.max(1, ...titleLines),
        right: rightMargin,
      }),
      barmode: "overlay",
      ...panelAxes(panels, ({ content, index }) => ({
        x: measureAxis(content, columns.length),
        y: { ...rowAxis(places), ...(index === 0 ? {} : { showticklabels: false }) },
      })),
      annotations: [...groupHeadings(places), ...panels.flatMap((panel) => numbers(places, panel))],
    },
  };
}

function columnsOf(chosen: readonly Measure[], places: RowPlaces, leftward: readonly string[]): readonly Column[] {
  return chosen.map((measure, index) => {
    const together = neighbours(chosen, index, leftward);
    const [lowest, highest] = barEnds(places, together);
    const share = (Math.max(...together.map((each) => numberRoom(places, each))) * chosen.length) / panelsRoom;
    const end = lowest + ((highest - lowest) * slack) / (1 - Math.min(mostNumbers, share));
    return { measure, leftward: leftward.includes(measure.id), lowest, highest, end };
  });
}

/** Pixels that the numbers of a measure take. */
function numberRoom(places: RowPlaces, { id, decimals }: Measure): number {
  const lengths = measuredRows(places, id).map(({ summary }) => measureText(summary, decimals).length);
  return numbersGap + numberCharacter * Math.max(0, ...lengths);
}

/** Ticks as far as the bars go; a leftward axis leaves its 0 to its neighbour. */
function measureAxis({ measure, leftward, lowest, highest, end }: Column, count: number): Axis {
  const below = ticksUpTo(-lowest, 1).flatMap((tick) => (tick > 0 ? [-tick] : []));
  const ticks = [...below, ...ticksUpTo(highest, count > 2 ? 1 : 2)].filter((tick) => !leftward || tick !== 0);
  return {
    ...gridAxis("", { range: leftward ? [end, lowest * slack] : [lowest * slack, end] }),
    title: { text: axisText(measure, count), standoff: 8, font: { size: 13 } },
    tickmode: "array",
    tickvals: ticks,
    ticktext: ticks.map((tick) => String(tick).replace("-", "−")),
    tickangle: 0,
  };
}

/** The measures on the same scale as one: a leftward measure and the next, or that one alone. */
function neighbours(chosen: readonly Measure[], index: number, leftward: readonly string[]): readonly Measure[] {
  const isLeftward = (at: number): boolean => leftward.includes(chosen[at]?.id ?? "");
  const from = !isLeftward(index) && isLeftward(index - 1) ? index - 1 : index;
  return chosen.slice(from, (isLeftward(from) ? from + 1 : from) + 1);
}

/** What the bars of some measures span with their deviations; 0 to 1 if all are 0. */
function barEnds(places: RowPlaces, measures: readonly Measure[]): readonly [number, number] {
  const summaries = measures.flatMap(({ id }) => measuredRows(places, id).map(({ summary }) => summary));
  const lowest = Math.min(0, ...summaries.map(({ mean, sd }) => (mean < 0 ? mean - (sd ?? 0) : 0)));
  const highest = Math.max(0, ...summaries.map(({ mean, sd }) => mean + (sd ?? 0)));
  return [lowest, highest > lowest ? highest : lowest + 1];
}

/** A row with its number of one measure. */
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

function bars(places: RowPlaces, { content, index, suffix }: Panel<Column>): PlotTrace {
  const { id, title } = content.measure;
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

/** The numbers of the bars, in a column at the end of the axis away from zero. */
function numbers(places: RowPlaces, { content, x, suffix }: Panel<Column>): readonly Annotation[] {
  const { measure, leftward } = content;
  const [left, right] = x;
  const side = leftward ? ({ x: left, xanchor: "left" } as const) : ({ x: right, xanchor: "right" } as const);
  return measuredRows(places, measure.id).map(({ place, summary }) => ({
    text: measureText(summary, measure.decimals),
    ...side,
    y: place,
    xref: "paper",
    yref: `y${suffix}`,
    showarrow: false,
    yanchor: "middle",
    font: { size: 12 },
  }));
}

function axisText({ title }: Measure, panels: number): string {
  return wrappedText(title, Math.floor(panelsRoom / panels / titleCharacter));
}
