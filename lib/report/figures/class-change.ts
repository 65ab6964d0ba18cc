import type { Figure, Marker, PlotTrace } from "../plot/figure";
import { baseLayout, bottomLegend, gridAxis } from "../plot/layout";
import { faintInk, gridColour, ink } from "../plot/palette";
import { classLabel, plainText } from "../text/text";

/** Top-1 of the queries of one class before and after a change of model, percent. */
interface ClassChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

interface ClassChangeOptions {
  readonly title?: string;
  /** What the two numbers are of, such as "old / old" and "new / h(old)". */
  readonly beforeTitle?: string;
  readonly afterTitle?: string;
}

const rise = { color: "#0072B2", symbol: "circle", size: 12 };
const fall = { color: "#D55E00", symbol: "square", size: 11 };
const start = { color: "white", symbol: "circle", size: 9, line: { color: ink, width: 1.5 } };

/** The `count` classes whose top-1 changes most, the largest rise at the top and the largest fall at the bottom. */
export function classChangeFigure(
  changes: readonly ClassChange[],
  count: number,
  { title = "Classes that change most", beforeTitle = "before", afterTitle = "after" }: ClassChangeOptions = {},
): Figure {
  const shown = mostChanged(changes, count);
  const isRise = (change: ClassChange): boolean => change.after >= change.before;
  const heading = `top-1 of the queries of a class, ${shown.length} of ${changes.length} classes`;
  return {
    data: [
      ...shown.map(connection),
      points(shown, { name: beforeTitle, marker: start, of: ({ before }) => before }),
      points(shown, {
        name: `${afterTitle}, risen`,
        marker: rise,
        of: (change) => (isRise(change) ? change.after : null),
      }),
      points(shown, {
        name: `${afterTitle}, fallen`,
        marker: fall,
        of: (change) => (isRise(change) ? null : change.after),
      }),
    ],
    layout: {
      ...baseLayout(
        { width: 760, plot: 27 * Math.max(1, shown.length), above: 10, below: 92, left: 20, right: 24 },
        title,
        heading,
      ),
      showlegend: true,
      legend: bottomLegend,
      xaxis: gridAxis("top-1 (% of the class's queries)", { range: [-3, 103], dtick: 20 }),
      yaxis: {
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
      },
    },
  };
}

/** The classes of largest absolute change, by name where equal; then in order from the largest rise to the largest fall. */
export function mostChanged(changes: readonly ClassChange[], count: number): readonly ClassChange[] {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${count} classes: a whole number from 1 is allowed`);
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
