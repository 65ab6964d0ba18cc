import type { MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import type { Annotation, Figure, Line, PlotTrace, Shape } from "../plot/figure";
import { baseLayout, gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/layout";
import { colourAt, faintInk } from "../plot/palette";
import { type GapEnds, gapEnds } from "../text/rows";
import { metricTitles, percentText, plainText, wrappedText } from "../text/text";

/** Pixels of a panel's height at least, and of a line of its legend. */
const panelHeight = 250;
const legendLine = 19;
/** Characters of a line of the legend. */
const legendWidth = 25;
const titleRoom = 74;

/** A row that has a curve. */
type CurveRow = ResultRow & Required<Pick<ResultRow, "curve">>;

/** The curves of one group and the rows between which its gap lies. */
interface CurveGroup {
  readonly name: string;
  readonly rows: readonly CurveRow[];
  readonly ends: GapEnds | null;
}

/**
 * The metric while a gallery is backfilled: a line a row that has a curve, a panel a group, old/old and new/new as dashed lines. The
 * legend beside each panel gives the mean of each curve over the shares (AUC), percent.
 */
export function curveFigure({ title, dataset, rows }: TableResult, metric: MetricName = "top1"): Figure {
  const groups = curveGroups(rows);
  const name = metricTitles[metric];
  const legends = groups.map((group) => legendOf(group, metric));
  const tallest = Math.max(0, ...legends.map((entries) => legendLine * entries.flatMap(({ lines }) => lines).length));
  const height = Math.max(panelHeight, tallest);
  const panels = panelGrid(groups.length, 1, { x: 0, y: titleRoom / height });
  const plot = groups.length * height + Math.max(0, groups.length - 1) * titleRoom;
  const above = groups.some((group) => group.name !== "") ? 36 : 12;
  return {
    data: panels.flatMap((panel) => curveLines(groups[panel.index], panel, metric)),
    layout: {
      ...baseLayout({ width: 760, plot, above, below: 62, left: 66, right: 262 }, title, `${name}, ${dataset}`),
      ...panelAxes(panels, ({ index }) => ({
        x: gridAxis(index + 1 < panels.length ? "" : "share of the gallery backfilled (%)", {
          range: [0, 100],
          dtick: 20,
        }),
        y: gridAxis(metric === "mAP" ? "mean average precision (%)" : `${name} (% of queries)`, { nticks: 7 }),
      })),
      shapes: panels.flatMap((panel) => endLines(groups[panel.index]?.ends ?? null, panel, metric)),
      annotations: panels.flatMap((panel) => [
        panelTitle(panel, groups[panel.index]?.name ?? "", 50),
        ...legendTexts(legends[panel.index] ?? [], panel, height),
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

function curveLines(group: CurveGroup | undefined, { suffix }: Panel, metric: MetricName): readonly PlotTrace[] {
  return (group?.rows ?? []).map((row, index) => ({
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

/** The colours first, then the same colours dotted. */
function lineAt(index: number): Line {
  return { color: colourAt(index), width: 2, dash: index < 8 ? "solid" : "dot" };
}

function curveName({ label, metrics }: ResultRow, metric: MetricName): string {
  return `${label} · ${areaText({ metrics }, metric)}`;
}

function areaText({ metrics }: Pick<ResultRow, "metrics">, metric: MetricName): string {
  return `AUC ${percentText(metrics[metric].mean)}`;
}

function endLines(ends: GapEnds | null, { suffix }: Panel, metric: MetricName): readonly Shape[] {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  const values = ends === null ? [] : [ends.from, ends.to].map(({ metrics }) => metrics[metric].mean);
  return values.map((y) => ({
    type: "line",
    ...{ x0: 0, x1: 100, y0: y, y1: y, xref: `x${suffix}`, yref: `y${suffix}` },
    line,
    layer: "below",
  }));
}

interface LegendEntry {
  readonly colour: string;
  readonly sample: string;
  readonly lines: readonly string[];
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

/** A label in lines and the number that ends it, unbroken. */
function legendLines(label: string, number: string): readonly string[] {
  const lines = wrappedText(label, legendWidth).split("<br>");
  const last = `${lines.at(-1)}${number}`;
  return last.length > legendWidth + 3 ? [...lines, number.replace(/^[ ·]+/, "")] : [...lines.slice(0, -1), last];
}

/** The legend at the right of its panel, from the top. */
function legendTexts(entries: readonly LegendEntry[], { x, y }: Panel, height: number): readonly Annotation[] {
  const step = ((y[1] - y[0]) * legendLine) / height;
  const before = entries.map((_, index) => entries.slice(0, index).flatMap(({ lines }) => lines).length);
  const look = {
    xref: "paper",
    yref: "paper",
    showarrow: false,
    xanchor: "left",
    yanchor: "top",
    align: "left",
  } as const;
  return entries.flatMap(({ colour, sample, lines }, index) => {
    const at = { x: x[1], y: y[1] - step * (before[index] ?? 0), ...look };
    return [
      { text: sample, ...at, xshift: 10, font: { size: 13, color: colour } },
      { text: lines.join("<br>"), ...at, xshift: 38, font: { size: 13 } },
    ];
  });
}
