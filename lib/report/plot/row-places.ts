import type { ResultRow } from "../../experiments/results/result";
import { type RowRun, rowRuns } from "../text/rows";
import type { Annotation, Axis } from "./figure";
import { lineHeight } from "./layout";
import { brokenText, textLines, textWidth } from "./text-width";

/** Rows of one group: the upper and the lower end of their places, and where the heading is. */
interface PlacedRun<Row> extends RowRun<Row> {
  readonly top: number;
  readonly bottom: number;
  /** Where the heading begins, null without one; it ends at `top`. */
  readonly heading: number | null;
}

/** Rows below each other, each as high as its name needs. All sizes are pixels from the top. */
export interface RowPlaces<Row = ResultRow> {
  /** `place` is the middle of a row. */
  readonly rows: readonly { readonly row: Row; readonly place: number }[];
  readonly runs: readonly PlacedRun<Row>[];
  /** The height of all, headings included, at least 1. */
  readonly height: number;
  /** The left margin, in which the names stand. */
  readonly left: number;
}

/** What a row is called. */
type NamedRow = Pick<ResultRow, "label" | "group">;

/** The room for names: at most, between them and the axis, and left of headings. */
const names = { most: 186, gap: 10, indent: 8 } as const;

/** The edges of a row and of a heading together. */
const edges = { few: 13, many: 7, heading: 9 } as const;

/** Above this number of rows, they lie closer together. */
const many = 12;

const type = { size: 14 } as const;
const headingType = { size: 14, bold: true } as const;

/** The width of the page in which headings stand. */
const headingWidth = 520;

/** The places of rows with the headings of their groups. */
export function rowPlaces<Row extends NamedRow>(
  rows: readonly Row[],
  /** The least height of a row. */
  { least = 0 }: { readonly least?: number } = {},
): RowPlaces<Row> {
  const edge = rows.length > many ? edges.many : edges.few;
  const heightOf = ({ label }: NamedRow): number => Math.max(least, lineHeight * nameLines(label).length + edge);
  const placed: { row: Row; place: number }[] = [];
  const runs: PlacedRun<Row>[] = [];
  let y = 0;
  for (const run of rowRuns(rows)) {
    const heading = run.group === null ? null : y;
    if (run.group !== null) y += lineHeight * headingLines(run.group).length + edges.heading;
    const top = y;
    for (const row of run.rows) {
      placed.push({ row, place: y + heightOf(row) / 2 });
      y += heightOf(row);
    }
    runs.push({ ...run, heading, top, bottom: y });
  }
  const widths = rows.flatMap(({ label }) => nameLines(label).map((text) => textWidth(text, type)));
  return { rows: placed, runs, height: Math.max(1, y), left: Math.ceil(Math.max(0, ...widths)) + 2 * names.gap };
}

/** A vertical axis of named rows, the first at the top, in pixels. */
export function rowAxis({ rows, height }: RowPlaces<NamedRow>): Axis {
  return {
    range: [height, 0],
    tickmode: "array",
    tickvals: rows.map(({ place }) => place),
    ticktext: rows.map(({ row }) => brokenText(nameLines(row.label))),
    showgrid: false,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: names.gap,
  };
}

/**
 * The groups' names in bold at the left edge of the page, each above its rows; `suffix` is that of
 * the rows' axis.
 */
export function groupHeadings(
  { runs, left }: RowPlaces<NamedRow>,
  { suffix = "" }: { readonly suffix?: string } = {},
): readonly Annotation[] {
  const place = { x: 0, xref: "paper", yref: `y${suffix}`, showarrow: false, xanchor: "left", yanchor: "top" } as const;
  return runs.flatMap(({ group, heading }) => {
    if (group === null || heading === null) return [];
    const text = `<b>${brokenText(headingLines(group))}</b>`;
    return [{ text, ...place, xshift: names.indent - left, y: heading, align: "left", bgcolor: "white" } as const];
  });
}

function headingLines(group: string): readonly string[] {
  return textLines(group, headingWidth, headingType);
}

function nameLines(label: string): readonly string[] {
  return textLines(label, names.most, type);
}
