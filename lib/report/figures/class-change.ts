import { wholeNumber } from "../../core/check";
import { gridAxis } from "../plot/axes";
import type { Axis, Figure, Marker, PlotTrace } from "../plot/figure";
import { entryText, legendColumn, lineHeight, pageOf } from "../plot/layout";
import { faintInk, gridColour, ink } from "../plot/palette";
import { brokenText, textLines, textWidth } from "../plot/text-width";
import { classLabel, percentText, plainText } from "../text/text";

/** Top-1 of one class's queries before and after a change of model, percent. */
interface ClassChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** How many queries the class has: its top-1 moves in steps of 100 over that number. */
  readonly queries?: number;
}

interface ClassChangeOptions {
  readonly title?: string;
  /** The two models, such as "old / old" and "new / h(old)". */
  readonly beforeTitle?: string;
  readonly afterTitle?: string;
}

const rise = { color: "#0072B2", symbol: "circle", size: 12 };
const fall = { color: "#D55E00", symbol: "square", size: 11 };
const start = { color: "white", symbol: "circle", size: 9, line: { color: ink, width: 1.5 } };

/** The height of a class with a name in one line, pixels as all sizes here. */
const rowHeight = 27;

/** The greatest width of a name, the room beside names, and the room above the panel. */
const nameWidth = 190;
const nameGap = 10;
const above = 10;

/**
 * The `count` classes whose top-1 changes most, from the largest rise at the top to the largest
 * fall at the bottom. Throws RangeError unless `count` is a whole number of at least 1.
 */
export function classChangeFigure(
  changes: readonly ClassChange[],
  count: number,
  { title = "Classes that change most", beforeTitle = "before", afterTitle = "after" }: ClassChangeOptions = {},
): Figure {
  const shown = mostChanged(changes, count);
  const names = shown.map(({ name }) => textLines(classLabel(name), nameWidth, { size: 14 }));
  const height = rowHeight + lineHeight * (Math.max(1, ...names.map(({ length }) => length)) - 1);
  const marks = [
    points(shown, { name: beforeTitle, marker: start, of: ({ before }) => before }),
    points(shown, { name: `${afterTitle}, risen or equal`, marker: rise, of: risen }),
    points(shown, { name: `${afterTitle}, fallen`, marker: fall, of: fallen }),
  ].filter(({ x }) => x.some((value) => value !== null));
  return {
    data: [...shown.map(connection), ...marks],
    layout: {
      ...pageOf({
        title,
        subtitle: `top-1 of the queries of a class, ${shown.length} of ${changes.length} classes${stepsText(shown)}`,
        described: {
          kind: "Dot plot",
          axes: [`From ${beforeTitle} to ${afterTitle}, top-1 (%)`],
          items: shown.map(inWords),
        },
        panels: { rows: Math.max(1, shown.length), height },
        above,
        legend: legendColumn(
          [beforeTitle, `${afterTitle}, risen or equal`, `${afterTitle}, fallen`].slice(0, marks.length),
        ),
        left: Math.ceil(Math.max(0, ...names.flat().map((text) => textWidth(text, { size: 14 })))) + 2 * nameGap,
      }),
      xaxis: gridAxis("top-1 (% of the class's queries)", { range: [-3, 103], dtick: 20 }),
      yaxis: classAxis(names),
    },
  };
}

function inWords({ name, before, after }: ClassChange): string {
  return `${classLabel(name)} ${percentText(before)} to ${percentText(after)}`;
}

/** How many queries a class has and by what steps its top-1 moves; "" where that is not known. */
function stepsText(shown: readonly ClassChange[]): string {
  const counts = shown.flatMap(({ queries }) => queries ?? []);
  if (counts.length === 0) return "";
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const queries = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  return `; ${queries} queries a class, so steps of ${percentText(100 / fewest)} points`;
}

function classAxis(names: readonly (readonly string[])[]): Axis {
  return {
    range: [names.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: names.map((_, index) => index),
    ticktext: names.map(brokenText),
    gridcolor: gridColour,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: nameGap,
  };
}

/** The top-1 afterwards if it rose or stayed; otherwise null, which draws nothing. */
function risen({ before, after }: ClassChange): number | null {
  return after >= before ? after : null;
}

function fallen({ before, after }: ClassChange): number | null {
  return after < before ? after : null;
}

/** The classes that change most, equal ones by name, from the largest rise to the largest fall. */
function mostChanged(changes: readonly ClassChange[], count: number): readonly ClassChange[] {
  wholeNumber("classes to draw", count, { least: 1 });
  const change = ({ before, after }: ClassChange): number => after - before;
  const byName = [...changes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const largest = byName.sort((a, b) => Math.abs(change(b)) - Math.abs(change(a))).slice(0, count);
  return largest.sort((a, b) => change(b) - change(a));
}

function connection({ before, after }: ClassChange, index: number): PlotTrace {
  return {
    type: "scatter",
    mode: "lines",
    x: [before, after],
    y: [index, index],
    line: { color: faintInk, width: 2 },
    showlegend: false,
    hoverinfo: "skip",
  };
}

function points(
  shown: readonly ClassChange[],
  { name, marker, of }: { name: string; marker: Marker; of: (change: ClassChange) => number | null },
): PlotTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: entryText(name),
    x: shown.map(of),
    y: shown.map((_, index) => index),
    text: shown.map((change) => plainText(change.name)),
    marker,
    hovertemplate: "%{text}: %{x:.1f} %<extra>%{fullData.name}</extra>",
  };
}
