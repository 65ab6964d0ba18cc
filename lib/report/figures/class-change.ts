import { wholeNumber } from "../../core/check";
import { gridAxis } from "../plot/axes";
import type { Axis, Figure, Marker, PlotTrace } from "../plot/figure";
import { legendRow, pageOf } from "../plot/layout";
import { faintInk, gridColour, ink } from "../plot/palette";
import { classLabel, plainText } from "../text/text";

/** Top-1 of one class's queries before and after a change of model, percent. */
interface ClassChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
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

/** The height of a class and the room above the panel, pixels. */
const rowHeight = 27;
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
  const heading = `top-1 of the queries of a class, ${shown.length} of ${changes.length} classes`;
  return {
    data: [
      ...shown.map(connection),
      points(shown, { name: beforeTitle, marker: start, of: ({ before }) => before }),
      points(shown, { name: `${afterTitle}, risen`, marker: rise, of: risen }),
      points(shown, { name: `${afterTitle}, fallen`, marker: fall, of: fallen }),
    ],
    layout: {
      ...pageOf({
        title,
        subtitle: heading,
        panels: { rows: Math.max(1, shown.length), height: rowHeight },
        above,
        legend: legendRow(),
      }),
      xaxis: gridAxis("top-1 (% of the class's queries)", { range: [-3, 103], dtick: 20 }),
      yaxis: classAxis(shown),
    },
  };
}

function classAxis(shown: readonly ClassChange[]): Axis {
  return {
    range: [shown.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: shown.map((_, index) => index),
    ticktext: shown.map(({ name }) => plainText(classLabel(name))),
    tickfont: { size: 12 },
    automargin: true,
    gridcolor: gridColour,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: 6,
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
    name: plainText(name),
    x: shown.map(of),
    y: shown.map((_, index) => index),
    text: shown.map((change) => plainText(change.name)),
    marker,
    hovertemplate: "%{text}: %{x:.1f} %<extra>%{fullData.name}</extra>",
  };
}
