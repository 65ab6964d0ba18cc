import type { Measure, ResultRow, Summary, TableResult } from "../experiments/result";
import { baseLayout, gridAxis } from "./base-layout";
import type { Annotation, Figure, Trace } from "./figure";
import { colourAt, ink } from "./palette";
import { type Panel, panelAxes, panelGrid } from "./panels";
import { measureText } from "./percent-text";
import { plainText, wrappedText } from "./plain-text";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "./row-places";

export interface DetailOptions {
  /** Ids of measures whose bars grow to the left, to stand against their neighbour on the right on one scale. */
  readonly leftward?: readonly string[];
}

/** The room that the numbers take beside the bars, pixels, and that of all panels. */
const numberRoom = 84;
const panelsRoom = 500;

/**
 * Chosen measures of every row that has one of them, a panel with an axis of its own a measure. A leftward one and its neighbour
 * diverge from a common line. Throws RangeError for an id that is none of the result's measures.
 */
export function detailFigure(
  { title, dataset, rows, measures = [] }: TableResult,
  measureIds: readonly string[],
  { leftward = [] }: DetailOptions = {},
): Figure {
  const chosen = measureIds.map((id) => measureNamed(measures, id));
  const places = rowPlaces(rows.filter(({ details }) => chosen.some(({ id }) => details?.[id] !== undefined)));
  const panels = panelGrid(chosen.length, Math.max(1, chosen.length), { x: 0.05, y: 0 });
  const share = numberRoom / (panelsRoom / Math.max(1, chosen.length));
  const columns = panels.flatMap((panel) => {
    const measure = chosen[panel.index];
    if (measure === undefined) return [];
    const mirrored = leftward.includes(measure.id);
    const highest = Math.max(...neighbours(chosen, panel.index, leftward).map((id) => highestOf(places, id)));
    return [{ panel, measure, mirrored, end: (highest * 1.05) / (1 - Math.min(0.6, share)) }];
  });
  const below =
    30 + 20 * Math.max(1, ...chosen.map((measure) => axisText(measure, chosen.length).split("<br>").length));
  const plot = places.height * Math.max(1, places.count);
  return {
    data: columns.map(({ panel, measure }) => bars(places, measure, panel)),
    layout: {
      ...baseLayout({ width: 760, plot, above: 14, below: below + 12, left: 20, right: 16 }, title, dataset),
      barmode: "overlay",
      ...panelAxes(panels, ({ index }) => {
        const { end = 1, mirrored = false, measure } = columns[index] ?? {};
        const axis = rowAxis(places);
        return {
          x: {
            ...gridAxis("", { range: mirrored ? [end, 0] : [0, end], nticks: 4, rangemode: "tozero" }),
            title: {
              text: measure === undefined ? "" : axisText(measure, chosen.length),
              standoff: 8,
              font: { size: 13 },
            },
          },
          y: index === 0 ? axis : { ...axis, showticklabels: false },
        };
      }),
      annotations: [
        ...groupHeadings(places),
        ...columns.flatMap((column) => numbers(places, column.measure, column.panel, column.mirrored)),
      ],
    },
  };
}

function measureNamed(measures: readonly Measure[], id: string): Measure {
  const measure = measures.find((each) => each.id === id);
  if (measure !== undefined) return measure;
  throw new RangeError(`measure ${id}: there are ${measures.map((each) => each.id).join(", ") || "none"}`);
}

/** The measures that share a scale: a leftward one with the next, any other alone. */
function neighbours(chosen: readonly Measure[], index: number, leftward: readonly string[]): readonly string[] {
  const isLeftward = (at: number): boolean => leftward.includes(chosen[at]?.id ?? "");
  const from = !isLeftward(index) && isLeftward(index - 1) ? index - 1 : index;
  return chosen.slice(from, (isLeftward(from) ? from + 1 : from) + 1).map(({ id }) => id);
}

function highestOf({ rows }: RowPlaces, id: string): number {
  const tops = rows.flatMap(({ row }) => upperEnd(row.details?.[id]));
  return Math.max(0, ...tops) || 1;
}

function upperEnd(summary: Summary | undefined): readonly number[] {
  return summary === undefined ? [] : [summary.mean + (summary.sd ?? 0)];
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

function bars(places: RowPlaces, { id, title }: Measure, { index, suffix }: Panel): Trace {
  const shown = measuredRows(places, id);
  const several = shown.some(({ summary }) => summary.sd !== null);
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
    ...(several ? { error_x } : {}),
  };
}

/** The numbers in a column at the end of the axis away from zero. */
function numbers(
  places: RowPlaces,
  { id, decimals }: Measure,
  { x, suffix }: Panel,
  mirrored: boolean,
): readonly Annotation[] {
  const at = mirrored ? ({ x: x[0], xanchor: "left" } as const) : ({ x: x[1], xanchor: "right" } as const);
  return measuredRows(places, id).map(({ place, summary }) => ({
    text: measureText(summary, decimals),
    ...at,
    y: place,
    xref: "paper",
    yref: `y${suffix}`,
    showarrow: false,
    yanchor: "middle",
    font: { size: 12 },
  }));
}

function axisText({ title }: Measure, panels: number): string {
  return wrappedText(title, Math.floor(panelsRoom / Math.max(1, panels) / 8));
}
