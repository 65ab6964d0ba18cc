import { gridAxis } from "../report/plot/axes";
import type { Annotation, Axis, Figure, PlotTrace, Shape } from "../report/plot/figure";
import { cornerAxisRoom, legendColumn, legendRow, numbersMargin, pageOf } from "../report/plot/layout";
import { colourAt, faintInk, ink, symbolAt } from "../report/plot/palette";
import { plainText, wrappedText } from "../report/text/text";
import { isReached, ratioText } from "./report";
import type { BenchResult, Comparison } from "./result";

/** The width of both figures and the room above their panels, pixels, as all sizes here. */
const pageWidth = 820;
const above = 12;

/** Of the ratios: a row, both ends of the column of rows together, the axis, the written ratios. */
const rowHeight = 34;
const rowsEnds = 12;
const axisRoom = 64;
const ratiosRoom = 78;

/** Characters of a line of a row's name. */
const titleSpan = 58;

/** Half the length of the tick that marks a target, in rows. */
const halfTick = 0.36;

/** The height of the panel of growths. */
const growthHeight = 300;

/** How a comparison came out, and its colour. */
interface Outcome {
  readonly name: string;
  readonly colour: string;
  readonly of: boolean | null;
}

const outcomes: readonly Outcome[] = [
  { name: "as fast as aimed at", colour: colourAt(0), of: true },
  { name: "slower than aimed at", colour: colourAt(1), of: false },
  { name: "nothing aimed at", colour: faintInk, of: null },
];

/** How many times as fast as its peer each work is, beside its target, on a logarithmic axis. */
export function ratioFigure({ comparisons, device }: BenchResult): Figure {
  const rows = comparisons.filter(({ ratio, theirs }) => ratio !== null && theirs !== null);
  return {
    data: outcomes.flatMap((outcome) => ratioMarks(rows, outcome)),
    layout: {
      ...pageOf({
        title: "Speed against what a user would pick instead",
        subtitle: `ratio of rates, ${device}; the tick is what is aimed at`,
        width: pageWidth,
        panels: { rows: 1, height: rowHeight * rows.length + rowsEnds },
        above,
        axis: axisRoom,
        legend: legendRow(),
        right: ratiosRoom,
      }),
      xaxis: gridAxis("times as fast as the peer", {
        type: "log",
        tickmode: "array",
        tickangle: 0,
        ...ratioTicks(rows),
      }),
      yaxis: workAxis(rows),
      shapes: [
        { ...vertical(1, -0.5, rows.length - 0.5), line: { color: faintInk, width: 1, dash: "dash" } },
        ...rows.flatMap(targetTick),
      ],
      annotations: rows.map(writtenRatio),
    },
  };
}

/** The marks of the comparisons with that outcome; no trace if there are none. */
function ratioMarks(rows: readonly Comparison[], { name, colour, of }: Outcome): readonly PlotTrace[] {
  const own = rows.flatMap((row, place) => (isReached(row) === of ? [{ row, place }] : []));
  if (own.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "markers",
      name,
      x: own.map(({ row }) => row.ratio),
      y: own.map(({ place }) => place),
      text: own.map(({ row }) => `${plainText(row.title)}: ${ratioText(row.ratio ?? Number.NaN)}`),
      marker: { color: colour, symbol: "circle", size: 11 },
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

/** The names of works, each above its peer's. */
function workAxis(rows: readonly Comparison[]): Axis {
  return {
    ...gridAxis(""),
    range: [rows.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: rows.map((_, place) => place),
    ticktext: rows.map(({ title, theirs }) => `${wrappedText(title, titleSpan)}<br>${grey(`against ${theirs?.name}`)}`),
    tickfont: { size: 12 },
  };
}

function targetTick({ target }: Comparison, place: number): readonly Shape[] {
  if (target === null) return [];
  return [{ ...vertical(target, place - halfTick, place + halfTick), line: { color: ink, width: 3 } }];
}

function writtenRatio({ ratio }: Comparison, place: number): Annotation {
  const at = { x: 1.01, y: place, xref: "paper", yref: "y", showarrow: false, xanchor: "left" } as const;
  return { text: ratioText(ratio ?? Number.NaN), ...at, font: { size: 13 } };
}

function grey(text: string): string {
  return `<span style="color: ${faintInk}">${plainText(text)}</span>`;
}

/** One and three times the powers of ten that the ratios and targets span. */
function ratioTicks(rows: readonly Comparison[]): {
  readonly tickvals: readonly number[];
  readonly ticktext: readonly string[];
} {
  const values = rows.flatMap(({ ratio, target }) => [ratio ?? 1, target ?? 1]);
  const all = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
  const ticks = all.filter((tick) => tick > Math.min(...values) / 3 && tick < Math.max(...values) * 3);
  return { tickvals: ticks, ticktext: ticks.map((tick) => tick.toLocaleString("en-US")) };
}

function vertical(x: number, y0: number, y1: number): Omit<Shape, "line"> {
  return { type: "line", x0: x, x1: x, y0, y1, xref: "x", yref: "y" };
}

/** Seconds by size of every growth with its fitted exponent, both axes logarithmic. */
export function growthFigure({ growths, device }: BenchResult): Figure {
  return {
    data: growths.map(({ title, points, exponent }, index) => ({
      type: "scatter",
      mode: "lines+markers",
      name: plainText(`${title}: size ^ ${exponent.toFixed(2)}`),
      x: points.map(({ size }) => size),
      y: points.map(({ seconds }) => seconds),
      line: { color: colourAt(index), width: 2 },
      marker: { color: colourAt(index), symbol: symbolAt(index), size: 9 },
      hovertemplate: "%{x}: %{y:.3g} s<extra></extra>",
    })),
    layout: {
      ...pageOf({
        title: "How cost grows",
        subtitle: `seconds by the number of items, ${device}`,
        width: pageWidth,
        panels: { rows: 1, height: growthHeight },
        above,
        axis: cornerAxisRoom,
        legend: legendColumn(growths.length, { entryWidth: 700 }),
        left: numbersMargin,
      }),
      xaxis: gridAxis("items", { type: "log", dtick: 1 }),
      yaxis: gridAxis("seconds", { type: "log", dtick: 1 }),
    },
  };
}
