import { gridAxis, ticksApart, tickTexts } from "../../report/plot/axes";
import type { Annotation, Axis, Figure, PlotTrace, Shape } from "../../report/plot/figure";
import { legendColumn, lineHeight, pageOf, pageWidth } from "../../report/plot/layout";
import { colourAt, faintInk, ink } from "../../report/plot/palette";
import { brokenText, textLines, textWidth } from "../../report/plot/text-width";
import { plainText, typographic } from "../../report/text/text";
import { isReached, ratioText } from "../report";
import type { BenchResult, Comparison } from "../result";

/** The room above the panels, pixels as all sizes here. */
const above = 12;

/** The edges of a row, and the axis with its title. */
const rowEdges = 10;
const axisRoom = 64;

/** The greatest width of a name, the room beside names, and beside the written ratios. */
const nameWidth = 236;
const nameGap = 10;
const numberEdge = 10;

/** Half the length of the tick that marks a target. */
const halfTick = 14;

/** How a comparison came out, its colour and its mark. */
interface Outcome {
  readonly name: string;
  readonly colour: string;
  readonly symbol: string;
  readonly of: boolean | null;
}

const outcomes: readonly Outcome[] = [
  { name: "as fast as aimed at", colour: colourAt(0), symbol: "circle", of: true },
  { name: "slower than aimed at", colour: colourAt(1), symbol: "square", of: false },
  { name: "nothing aimed at", colour: faintInk, symbol: "diamond", of: null },
];

/** A comparison with the lines of its name and its middle, pixels from the top. */
interface PlacedRow {
  readonly row: Comparison;
  readonly title: readonly string[];
  readonly peer: readonly string[];
  readonly place: number;
  readonly height: number;
}

/** How many times as fast as its peer each work is, beside its target, on a logarithmic axis. */
export function ratioFigure({ comparisons, device }: BenchResult): Figure {
  const rows = placedRows(comparisons.filter(({ ratio, theirs }) => ratio !== null && theirs !== null));
  const height = rows.reduce((sum, row) => sum + row.height, 0);
  const data = outcomes.flatMap((outcome) => ratioMarks(rows, outcome));
  const numbers = rows.map(({ row }) => ratioWritten(row));
  const right = Math.ceil(Math.max(0, ...numbers.map((text) => textWidth(text, { size: 14 })))) + 2 * numberEdge;
  return {
    data,
    layout: {
      ...pageOf({
        title: "Speed against what a user would pick instead",
        subtitle: `ratio of rates, ${device}; the tick is what is aimed at`,
        described: {
          kind: "Dot plot",
          axes: ["Horizontally, logarithmic: times as fast as the peer"],
          items: rows.map(({ row }, index) => `${row.title} against ${row.theirs?.name}: ${numbers[index]}`),
        },
        panels: { rows: 1, height: Math.max(1, height) },
        above,
        axis: axisRoom,
        legend: legendColumn(data.map(({ name = "" }) => name)),
        left: nameWidth + 2 * nameGap,
        right,
      }),
      xaxis: gridAxis("times as fast as the peer", {
        type: "log",
        tickmode: "array",
        tickangle: 0,
        ...ratioTicks(
          rows.map(({ row }) => row),
          pageWidth - nameWidth - 2 * nameGap - right,
        ),
      }),
      yaxis: workAxis(rows, height),
      shapes: [
        { ...vertical(1, 0, height), line: { color: faintInk, width: 1, dash: "dash" } },
        ...rows.flatMap(targetTick),
      ],
      annotations: rows.map(({ place }, index) => writtenRatio(numbers[index] ?? "", place)),
    },
  };
}

function placedRows(comparisons: readonly Comparison[]): readonly PlacedRow[] {
  let y = 0;
  return comparisons.map((row) => {
    const title = textLines(row.title, nameWidth, { size: 14 });
    const peer = textLines(`against ${row.theirs?.name}`, nameWidth, { size: 14 });
    const height = rowEdges + lineHeight * (title.length + peer.length);
    y += height;
    return { row, title, peer, place: y - height / 2, height };
  });
}

function ratioWritten({ ratio }: Comparison): string {
  return typographic(ratioText(ratio ?? Number.NaN)).replace(/ x$/, " ×");
}

/** The marks of the comparisons with that outcome; no trace if there are none. */
function ratioMarks(rows: readonly PlacedRow[], { name, colour, symbol, of }: Outcome): readonly PlotTrace[] {
  const own = rows.filter(({ row }) => isReached(row) === of);
  if (own.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "markers",
      name,
      x: own.map(({ row }) => row.ratio),
      y: own.map(({ place }) => place),
      text: own.map(({ row }) => `${plainText(row.title)}: ${ratioWritten(row)}`),
      marker: { color: colour, symbol, size: 11 },
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

/** The names of works, each above its peer's. */
function workAxis(rows: readonly PlacedRow[], height: number): Axis {
  return {
    ...gridAxis(""),
    range: [Math.max(1, height), 0],
    tickmode: "array",
    tickvals: rows.map(({ place }) => place),
    ticktext: rows.map(({ title, peer }) => `${brokenText(title)}<br>${peer.map(grey).join("<br>")}`),
    automargin: false,
    ticks: "",
    ticklabelstandoff: nameGap,
  };
}

function targetTick({ row: { target }, place }: PlacedRow): readonly Shape[] {
  if (target === null) return [];
  return [{ ...vertical(target, place - halfTick, place + halfTick), line: { color: ink, width: 3 } }];
}

function writtenRatio(text: string, place: number): Annotation {
  const at = { x: 1, xshift: numberEdge - 2, y: place, xref: "paper", yref: "y", showarrow: false } as const;
  return { text, ...at, xanchor: "left" };
}

function grey(text: string): string {
  return `<span style="color: ${faintInk}">${plainText(text)}</span>`;
}

/** The powers of ten that the ratios and targets span, as far as their labels do not meet. */
function ratioTicks(
  rows: readonly Comparison[],
  room: number,
): { readonly tickvals: readonly number[]; readonly ticktext: readonly string[] } {
  const values = rows.flatMap(({ ratio, target }) => [ratio ?? 1, target ?? 1]);
  const [low, high] = [Math.log10(Math.min(1, ...values)), Math.log10(Math.max(1, ...values))];
  const powers = Array.from({ length: 25 }, (_, index) => index - 12).filter((k) => k > low - 0.6 && k < high + 0.6);
  const ticks = ticksApart(
    powers.map((power) => 10 ** power),
    (tick) => (room * (Math.log10(tick) - low)) / (high - low + 1),
  );
  return { tickvals: ticks, ticktext: tickTexts(ticks) };
}

function vertical(x: number, y0: number, y1: number): Omit<Shape, "line"> {
  return { type: "line", x0: x, x1: x, y0, y1, xref: "x", yref: "y" };
}
