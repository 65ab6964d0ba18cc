import type { LanguageResult, LanguageResultRow } from "../../experiments/language/language-result";
import { gridAxis } from "../plot/axes";
import type { ErrorBars, Figure, PlotTrace } from "../plot/figure";
import { cornerAxisRoom, entryText, legendColumn, numbersMargin, pageOf } from "../plot/layout";
import { gridColour, symbolAt } from "../plot/palette";
import { roleOf, roleStyles } from "../plot/roles";
import { percentText } from "../text/text";

const panelHeight = 300;
const above = 14;

/** The roles of the rows that are drawn, each once for every update. */
const shown = ["new", "muscle", "control"] as const;

/** A row with the accuracy that its update gains, in points, and its negative flips, in percent. */
interface Point {
  readonly row: LanguageResultRow;
  readonly gain: number;
  readonly negative: number;
  readonly ends: readonly [number, number];
}

/**
 * Negative flips of v2, MUSCLE and the control by what each update gains over v1: a colour for each
 * method, a mark for each update. Restored sentences, whose scores are no right and wrong answers,
 * are left out.
 */
export function flipsFigure(result: LanguageResult): Figure {
  const points = pointsOf(result);
  const updates = [...new Set(points.map(({ row }) => row.group))];
  const methods = [...new Map(points.map(({ row }) => [roleOf(row), row.label] as const)).entries()];
  const symbolOf = (group: string): string => symbolAt(updates.indexOf(group));
  const names = [...methods.map(([, label]) => label), ...updates];
  const over = result.seeds.length > 1 ? `${result.seeds.length} seeds and samples` : "samples, one seed";
  return {
    data: [
      ...updates.map((group) => joined(points.filter(({ row }) => row.group === group))),
      ...points.map((point) => mark(point, symbolOf(point.row.group))),
      ...methods.map(([role, label]) => legendMark(label, roleStyles[role].colour, "circle")),
      ...updates.map((group) => legendMark(group, "#555555", symbolOf(group))),
    ],
    layout: {
      ...pageOf({
        title: "Negative flips by what an update gains",
        subtitle: `${result.dataset}; bars: 95 % intervals over ${over}; grey lines join the methods of one update`,
        described: {
          kind: "Scatter plot",
          axes: ["Horizontally: score less v1's (points)", "vertically: NFR (%)"],
          items: points.map(inWords),
        },
        panels: { rows: 1, height: panelHeight },
        above,
        axis: cornerAxisRoom,
        left: numbersMargin,
        legend: legendColumn(names),
      }),
      xaxis: gridAxis("score less v1's (points)", { nticks: 7 }),
      yaxis: gridAxis("NFR (% of samples)", { rangemode: "tozero" }),
    },
  };
}

function pointsOf({ rows }: LanguageResult): readonly Point[] {
  return rows.flatMap((row) => {
    const before = rows.find(({ id }) => id === row.before);
    const { score, negative, inconsistent } = row.details;
    const isShown = shown.some((role) => role === roleOf({ label: row.label }));
    if (!isShown || !score || !negative || !inconsistent || before?.details.score === undefined) return [];
    const { mean, interval = [mean, mean] } = negative;
    return [{ row, gain: score.mean - before.details.score.mean, negative: mean, ends: interval }];
  });
}

/** A thin line through the methods of an update. */
function joined(points: readonly Point[]): PlotTrace {
  return {
    type: "scatter",
    mode: "lines",
    x: points.map(({ gain }) => gain),
    y: points.map(({ negative }) => negative),
    line: { color: gridColour, width: 2 },
    showlegend: false,
    hoverinfo: "skip",
  };
}

function mark({ row, gain, negative, ends }: Point, symbol: string): PlotTrace {
  const { colour } = roleStyles[roleOf({ label: row.label })];
  return {
    ...dot(colour, symbol),
    x: [gain],
    y: [negative],
    name: `${row.group}: ${row.label}`,
    error_y: bars(negative, ends, colour),
    cliponaxis: false,
    showlegend: false,
    hovertemplate: "%{fullData.name}, %{x:.1f} points: %{y:.1f} %<extra></extra>",
  };
}

function bars(value: number, [low, high]: readonly [number, number], color: string): ErrorBars {
  return {
    type: "data",
    array: [high - value],
    arrayminus: [value - low],
    symmetric: false,
    color,
    thickness: 1,
    width: 3,
  };
}

function legendMark(name: string, colour: string, symbol: string): PlotTrace {
  return { ...dot(colour, symbol), x: [null], y: [null], name: entryText(name) };
}

function dot(color: string, symbol: string): Pick<PlotTrace & { type: "scatter" }, "type" | "mode" | "marker"> {
  return {
    type: "scatter",
    mode: "markers",
    marker: { color, symbol, size: 11, line: { color: "white", width: 0.6 } },
  };
}

function inWords({ row, gain, negative }: Point): string {
  return `${row.group}, ${row.label}: ${percentText(negative)} at ${percentText(gain)}`;
}
