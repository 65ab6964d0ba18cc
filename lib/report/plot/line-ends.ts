import type { Annotation } from "./figure";
import { lineHeight } from "./layout";
import { brokenText, textLines, textWidth } from "./text-width";

/** A line and where it ends, in units of its axes. */
export interface LineEnd {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** The room between the end of a line and its name, pixels. */
const gap = 10;

const type = { size: 14 } as const;

/** A name's place: its middle before and after others make room, pixels from the top. */
interface Placed {
  readonly end: LineEnd;
  readonly lines: readonly string[];
  readonly wanted: number;
  readonly middle: number;
}

/** Where the names stand. */
interface EndsRoom {
  /** The range of the vertical axis, from below, and the pixels that it has. */
  readonly range: readonly [number, number];
  readonly height: number;
  /** The greatest width of a name, pixels. */
  readonly width: number;
}

/** The names of lines at their right ends, moved apart as far as they would overlap. */
export function lineEndNames(ends: readonly LineEnd[], room: EndsRoom): readonly Annotation[] {
  return placed(ends, room).map(({ end, lines, wanted, middle }) => ({
    text: brokenText(lines),
    ...{ x: end.x, y: end.y, xref: "x", yref: "y", showarrow: false },
    ...({ xanchor: "left", yanchor: "middle", align: "left" } as const),
    xshift: gap,
    yshift: wanted - middle,
  }));
}

/** The width that the names need, with the gap before them, pixels. */
export function lineEndsWidth(names: readonly string[], width: number): number {
  const lines = names.flatMap((name) => textLines(name, width, type));
  return Math.ceil(Math.max(0, ...lines.map((line) => textWidth(line, type)))) + 2 * gap;
}

function placed(ends: readonly LineEnd[], { range, height, width }: EndsRoom): readonly Placed[] {
  const from = (y: number): number => (height * (range[1] - y)) / (range[1] - range[0]);
  const sorted = [...ends].sort((a, b) => b.y - a.y);
  const found: Placed[] = [];
  let free = 0;
  for (const end of sorted) {
    const lines = textLines(end.name, width, type);
    const half = (lineHeight * lines.length) / 2;
    const middle = Math.max(from(end.y), free + half);
    found.push({ end, lines, wanted: from(end.y), middle });
    free = middle + half;
  }
  const excess = Math.max(0, free - height);
  return found.map((each) => ({ ...each, middle: each.middle - excess }));
}
