import type { ResultRow } from "../../experiments/results/result";
import { type RowRun, rowRuns } from "../text/rows";
import { wrappedText } from "../text/text";
import type { Annotation, Axis } from "./figure";

/** Rows of one group and the places of the first and the last. */
interface PlacedRun extends RowRun {
  readonly first: number;
  readonly last: number;
}

/**
 * The places of rows on a vertical axis: 0, 1, ... from the top, with one for each group's heading.
 */
export interface RowPlaces {
  readonly rows: readonly { readonly row: ResultRow; readonly place: number }[];
  readonly runs: readonly PlacedRun[];
  /** All places, headings included. */
  readonly count: number;
  /** Pixels of a place. */
  readonly height: number;
}

/** Above this number, places lie closer together and their labels are in smaller type. */
const many = 12;

/**
 * The height of a place if there are few; else of its edges and of each line of the longest label.
 */
const roomyHeight = 42;
const denseEdges = 8;
const denseLine = 15;

/** Characters of a line: of a label if there are few or many places, and of a group's heading. */
const labelSpan = { few: 30, many: 38 } as const;
const headingSpan = 50;

/** The places of rows, of `roomy` pixels each if there are few. */
export function rowPlaces(rows: readonly ResultRow[], roomy: number = roomyHeight): RowPlaces {
  const heading = rows.some(({ group }) => group !== undefined) ? 1 : 0;
  const runs = rowRuns(rows).map((run, index, all) => {
    const before = all.slice(0, index).flatMap((earlier) => earlier.rows).length;
    const first = before + heading * (index + 1);
    return { ...run, first, last: first + run.rows.length - 1 };
  });
  const placed = runs.flatMap((run) => run.rows.map((row, index) => ({ row, place: run.first + index })));
  const count = (runs.at(-1)?.last ?? -1) + 1;
  const lines = Math.max(1, ...rows.map(({ label }) => labelText(label, count).split("<br>").length));
  return { rows: placed, runs, count, height: count <= many ? roomy : denseEdges + denseLine * lines };
}

/** A vertical axis of named rows, the first at the top. */
export function rowAxis({ rows, count }: RowPlaces): Axis {
  return {
    range: [count - 0.5, -0.5],
    tickmode: "array",
    tickvals: rows.map(({ place }) => place),
    ticktext: rows.map(({ row }) => labelText(row.label, count)),
    automargin: true,
    showgrid: false,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: 6,
    ...(count <= many ? {} : { tickfont: { size: 12 } }),
  };
}

/** The groups' names in bold, each above its rows. */
export function groupHeadings({ runs }: RowPlaces): readonly Annotation[] {
  const place = { x: 0, xref: "paper", yref: "y", showarrow: false, xanchor: "left", yanchor: "middle" } as const;
  return runs.flatMap(({ group, first }) =>
    group === null ? [] : [{ text: headingText(group), ...place, y: first - 1, align: "left", bgcolor: "white" }],
  );
}

function headingText(group: string): string {
  return `<b>${wrappedText(group, headingSpan)}</b>`;
}

function labelText(label: string, places: number): string {
  return wrappedText(label, places <= many ? labelSpan.few : labelSpan.many);
}
