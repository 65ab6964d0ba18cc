import type { Figure, PlotTrace, Shape } from "../report/plot/figure";
import { baseLayout, bottomLegend, gridAxis } from "../report/plot/layout";
import { colourAt, faintInk, ink, symbolAt } from "../report/plot/palette";
import { plainText, wrappedText } from "../report/text/text";
import { isReached, ratioText } from "./report";
import type { BenchResult, Comparison } from "./result";

const rowHeight = 34;

/** How many times as fast as its peer each work is, with what is aimed at, on a logarithmic axis. */
export function ratioFigure({ comparisons, device }: BenchResult): Figure {
  const rows = comparisons.filter(({ ratio, theirs }) => ratio !== null && theirs !== null);
  const kinds = [
    { name: "as fast as aimed at", colour: colourAt(0), of: (row: Comparison) => isReached(row) === true },
    { name: "slower than aimed at", colour: colourAt(1), of: (row: Comparison) => isReached(row) === false },
    { name: "nothing aimed at", colour: faintInk, of: (row: Comparison) => isReached(row) === null },
  ];
  const used = kinds.filter(({ of }) => rows.some(of));
  const labels = rows.map(({ title, theirs }) => `${wrappedText(title, 58)}<br>${grey(`against ${theirs?.name}`)}`);
  return {
    data: used.map(({ name, colour, of }): PlotTrace => {
      const own = rows.flatMap((row, place) => (of(row) ? [{ row, place }] : []));
      return {
        type: "scatter",
        mode: "markers",
        name,
        x: own.map(({ row }) => row.ratio),
        y: own.map(({ place }) => place),
        text: own.map(({ row }) => `${plainText(row.title)}: ${ratioText(row.ratio ?? Number.NaN)}`),
        marker: { color: colour, symbol: "circle", size: 11 },
        hovertemplate: "%{text}<extra></extra>",
      };
    }),
    layout: {
      ...baseLayout(
        { width: 820, plot: rowHeight * rows.length + 12, above: 12, below: 96, left: 20, right: 78 },
        "Speed against what a user would pick instead",
        `ratio of rates, ${device}; the tick is what is aimed at`,
      ),
      showlegend: true,
      legend: bottomLegend,
      xaxis: gridAxis("times as fast as the peer", {
        type: "log",
        tickmode: "array",
        tickangle: 0,
        ...ratioTicks(rows),
      }),
      yaxis: {
        ...gridAxis(""),
        range: [rows.length - 0.5, -0.5],
        tickmode: "array",
        tickvals: rows.map((_, place) => place),
        ticktext: labels,
        tickfont: { size: 12 },
      },
      shapes: [
        { ...vertical(1, -0.5, rows.length - 0.5), line: { color: faintInk, width: 1, dash: "dash" } },
        ...rows.flatMap(({ target }, place) =>
          target === null ? [] : [{ ...vertical(target, place - 0.36, place + 0.36), line: { color: ink, width: 3 } }],
        ),
      ],
      annotations: rows.map(({ ratio }, place) => ({
        text: ratioText(ratio ?? Number.NaN),
        x: 1.01,
        y: place,
        xref: "paper",
        yref: "y",
        showarrow: false,
        xanchor: "left",
        font: { size: 13 },
      })),
    },
  };
}

function grey(text: string): string {
  return `<span style="color: ${faintInk}">${plainText(text)}</span>`;
}

/** One and three times the powers of ten that the ratios and aims span. */
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

/** Seconds by size of every growth, with the fitted exponents, both axes logarithmic. */
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
      ...baseLayout(
        { width: 820, plot: 300, above: 12, below: 72 + 24 * growths.length, left: 66, right: 24 },
        "How cost grows",
        `seconds by the number of items, ${device}`,
      ),
      showlegend: true,
      legend: { ...bottomLegend, entrywidth: 700, entrywidthmode: "pixels" },
      xaxis: gridAxis("items", { type: "log", dtick: 1 }),
      yaxis: gridAxis("seconds", { type: "log", dtick: 1 }),
    },
  };
}
