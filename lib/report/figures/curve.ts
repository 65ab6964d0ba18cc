import type { MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import { gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Annotation, Figure, Line, PlotTrace, Shape } from "../plot/figure";
import { cornerAxisRoom, numbersMargin, pageOf } from "../plot/layout";
import { colourAt, faintInk, palette } from "../plot/palette";
import { type GapEnds, gapEnds } from "../text/rows";
import { metricTitles, percentText, plainText, wrappedText } from "../text/text";

/** The least height of a panel, pixels. */
const panelHeight = 250;

/** Between two panels, for the upper one's labels and the lower one's title. */
const between = 74;

/** Above the first panel, for its title if it has one. */
const above = { titled: 36, untitled: 12 } as const;

/**
 * The legend beside a panel: its width, a line's height, and where sample and text begin, pixels.
 */
const legend = { width: 262, line: 19, sampleIndent: 10, textIndent: 38 } as const;

/**
 * Characters of a line of a panel's title and of the legend, and by how many a number may exceed
 * it.
 */
const titleSpan = 50;
const legendSpan = 25;
const overhang = 3;

/** A row that has a curve. */
type CurveRow = ResultRow & Required<Pick<ResultRow, "curve">>;

/** The curves of one group and the rows between which its gap lies. */
interface CurveGroup {
  readonly name: string;
  readonly rows: readonly CurveRow[];
  readonly ends: GapEnds | null;
}

/** The curves of one group with their legend. */
interface CurvePanel extends CurveGroup {
  readonly entries: readonly LegendEntry[];
}

/**
 * The metric while a gallery is backfilled: a line for each row that has a curve, a panel for each
 * group, old/old and new/new as dashed lines. The legend beside each panel gives the mean of each
 * curve over the shares (AUC), percent.
 */
export function curveFigure({ title, dataset, rows }: TableResult, metric: MetricName = "top1"): Figure {
  const groups = curveGroups(rows).map((group) => ({ ...group, entries: legendOf(group, metric) }));
  const name = metricTitles[metric];
  const height = Math.max(panelHeight, ...groups.map(({ entries }) => legend.line * linesOf(entries)));
  const panels = panelGrid(groups, 1, { x: 0, y: between / height });
  return {
    data: panels.flatMap((panel) => curveLines(panel, metric)),
    layout: {
      ...pageOf({
        title,
        subtitle: `${name}, ${dataset}`,
        panels: { rows: groups.length, height, between },
        above: groups.some((group) => group.name !== "") ? above.titled : above.untitled,
        axis: cornerAxisRoom,
        left: numbersMargin,
        right: legend.width,
      }),
      ...panelAxes(panels, ({ index }) => ({
        x: gridAxis(index + 1 < panels.length ? "" : "share of the gallery backfilled (%)", {
          range: [0, 100],
          dtick: 20,
        }),
        y: gridAxis(metric === "mAP" ? "mean average precision (%)" : `${name} (% of queries)`, { nticks: 7 }),
      })),
      shapes: panels.flatMap((panel) => endLines(panel, metric)),
      annotations: panels.flatMap((panel) => [
        panelTitle(panel, panel.content.name, titleSpan),
        ...legendTexts(panel, height),
      ]),
    },
  };
}

function curveGroups(rows: readonly ResultRow[]): readonly CurveGroup[] {
  const curves = rows.flatMap((row) => (row.curve === undefined ? [] : [{ ...row, curve: row.curve }]));
  const names = new Set(curves.map(({ group }) => group));
  return [...names].map((name) => ({
    name: name ?? "",
    rows: curves.filter(({ group }) => group === name),
    ends: gapEnds(rows, name),
  }));
}

function curveLines({ content, suffix }: Panel<CurveGroup>, metric: MetricName): readonly PlotTrace[] {
  return content.rows.map((row, index) => ({
    type: "scatter",
    mode: "lines+markers",
    name: plainText(curveName(row, metric)),
    x: row.curve.shares.map((share) => 100 * share),
    y: row.curve[metric],
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: lineAt(index),
    marker: { color: colourAt(index), symbol: "circle", size: 5 },
    showlegend: false,
    hovertemplate: "%{x:.0f} % backfilled: %{y:.1f} %<extra>%{fullData.name}</extra>",
  }));
}

/** Solid lines in all colours first, then dotted ones. */
function lineAt(index: number): Line {
  return { color: colourAt(index), width: 2, dash: index < palette.length ? "solid" : "dot" };
}

function curveName({ label, metrics }: ResultRow, metric: MetricName): string {
  return `${label} · ${areaText({ metrics }, metric)}`;
}

function areaText({ metrics }: Pick<ResultRow, "metrics">, metric: MetricName): string {
  return `AUC ${percentText(metrics[metric].mean)}`;
}

function endLines({ content: { ends }, suffix }: Panel<CurveGroup>, metric: MetricName): readonly Shape[] {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  const values = ends === null ? [] : [ends.from, ends.to].map(({ metrics }) => metrics[metric].mean);
  return values.map((y) => ({
    type: "line",
    ...{ x0: 0, x1: 100, y0: y, y1: y, xref: `x${suffix}`, yref: `y${suffix}` },
    line,
    layer: "below",
  }));
}

/** A sample of a line, and its name in lines. */
interface LegendEntry {
  readonly colour: string;
  readonly sample: string;
  readonly lines: readonly string[];
}

function linesOf(entries: readonly LegendEntry[]): number {
  return entries.flatMap(({ lines }) => lines).length;
}

function legendOf({ rows, ends }: CurveGroup, metric: MetricName): readonly LegendEntry[] {
  const flat = ends === null ? [] : [ends.to, ends.from];
  return [
    ...rows.map((row, index) => ({
      colour: colourAt(index),
      sample: lineAt(index).dash === "solid" ? "━━" : "┅┅",
      lines: legendLines(row.label, ` · ${areaText(row, metric)}`),
    })),
    ...flat.map(({ label, metrics }) => ({
      colour: faintInk,
      sample: "╌╌",
      lines: legendLines(label, ` ${percentText(metrics[metric].mean)}`),
    })),
  ];
}

/** A label in lines with the unbroken number that ends it, which has its own line if need be. */
function legendLines(label: string, number: string): readonly string[] {
  const lines = wrappedText(label, legendSpan).split("<br>");
  const last = `${lines.at(-1)}${number}`;
  return last.length > legendSpan + overhang ? [...lines, number.replace(/^[ ·]+/, "")] : [...lines.slice(0, -1), last];
}

/** The legend at the right of its panel, from the top. */
function legendTexts({ content: { entries }, x, y }: Panel<CurvePanel>, height: number): readonly Annotation[] {
  const step = ((y[1] - y[0]) * legend.line) / height;
  const before = (index: number): number => linesOf(entries.slice(0, index));
  const look = {
    xref: "paper",
    yref: "paper",
    showarrow: false,
    xanchor: "left",
    yanchor: "top",
    align: "left",
  } as const;
  return entries.flatMap(({ colour, sample, lines }, index) => {
    const at = { x: x[1], y: y[1] - step * before(index), ...look };
    return [
      { text: sample, ...at, xshift: legend.sampleIndent, font: { size: 13, color: colour } },
      { text: lines.join("<br>"), ...at, xshift: legend.textIndent, font: { size: 13 } },
    ];
  });
}
