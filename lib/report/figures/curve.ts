import type { MetricName, TableResult } from "../../experiments/results/result";
import { gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import { bandTrace } from "../plot/band";
import type { Figure, Legend, Line, PlotTrace, ScatterTrace } from "../plot/figure";
import { cornerAxisRoom, lineHeight, numbersMargin, pageOf } from "../plot/layout";
import { faintInk, symbolAt } from "../plot/palette";
import { roleOf, roleStyles } from "../plot/roles";
import { brokenText, textLines } from "../plot/text-width";
import { metricLongTitles, metricTitles } from "../text/text";
import { type CurveEntry, type CurveGroup, curveGroups, entriesOf } from "./parts/curve-groups";

/** The least height of a panel, and the room between two for labels and a title, pixels. */
const panelHeight = 240;
const between = 72;

/** Above the first panel, for its title if it has one. */
const above = { titled: 34, untitled: 12 } as const;

/** Beside a panel: the legend's width, that of its names, and between two, pixels. */
const legend = { width: 212, names: 160, gap: 4 } as const;

/** The shares of a panel's span left free above and below, and within which old/old counts. */
const margin = 0.06;
const near = 0.3;

/** Dashes in the order of use where several lines have one role, and their names. */
const dashes: readonly NonNullable<Line["dash"]>[] = ["solid", "dash", "dot", "dashdot", "longdash"];

/** Every this many points a line has a mark, each line beginning at another point. */
const markEvery = 7;

/**
 * The metric while a gallery is backfilled: a line for each row that has a curve; a panel for each
 * group, or for the rows with and those without side-information. The names beside a panel are in
 * the order of the means of the curves over the shares (AUC), which they give, percent.
 */
export function curveFigure({ dataset, rows, seeds }: TableResult, metric: MetricName = "mAP"): Figure {
  const groups = curveGroups(rows, metric);
  const height = Math.max(panelHeight, ...groups.map((group) => legendHeight(entriesOf(group, metric))));
  const panels = panelGrid(groups, 1, { x: 0, y: between / height });
  const axis = metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
  const runs =
    seeds.length === 1
      ? "one seed, so no interval"
      : `means of ${seeds.length} seeds; bands: the standard deviation of what a line lacks of its end`;
  return {
    data: panels.flatMap((panel) => lines(panel, metric)),
    layout: {
      ...pageOf({
        title: `${metricLongTitles[metric]} while the gallery is backfilled`,
        subtitle: `${dataset}; AUC: the mean of a line; ${runs}`,
        described: {
          kind: "Line plot",
          axes: ["Horizontally: share of the gallery backfilled (%)", `vertically: ${axis}`],
          items: groups.flatMap((group) => entriesOf(group, metric).map(({ name }) => name)),
        },
        panels: { rows: groups.length, height, between },
        above: groups.some((group) => group.name !== "") ? above.titled : above.untitled,
        axis: cornerAxisRoom,
        left: numbersMargin,
        right: legend.width,
      }),
      showlegend: true,
      ...Object.fromEntries(panels.map((panel) => [`legend${panel.suffix}`, legendBeside(panel)])),
      ...panelAxes(panels, ({ index, content }) => ({
        x: gridAxis(index + 1 < panels.length ? "" : "share of the gallery backfilled (%)", {
          range: [0, 100],
          dtick: 25,
        }),
        y: gridAxis(axis, { nticks: 6, range: rangeOf(content, metric) }),
      })),
      annotations: panels.map((panel) => panelTitle(panel, panel.content.name, 460)),
    },
  };
}

function legendHeight(entries: readonly CurveEntry[]): number {
  return entries.reduce((sum, { name }) => sum + legend.gap + lineHeight * namedLines(name).length, 0);
}

function namedLines(name: string): readonly string[] {
  return textLines(name, legend.names, { size: 14 });
}

function lines(panel: Panel<CurveGroup>, metric: MetricName): readonly PlotTrace[] {
  const entries = entriesOf(panel.content, metric);
  const curves = entries.filter(({ curve }) => curve !== null);
  return entries.flatMap((entry) => {
    const role = roleOf(entry.row);
    const place = curves.filter(({ row }) => roleOf(row) === role).indexOf(entry);
    const line = { ...traceOf(entry, metric, place), ...axesOf(panel) };
    return [...band(entry, metric).map((trace) => ({ ...trace, ...axesOf(panel) })), line, legendTrace(line)];
  });
}

/** The band around a curve, over the seeds. */
function band({ row, curve }: CurveEntry, metric: MetricName): readonly ScatterTrace[] {
  const spread = curve?.sd?.[metric];
  if (curve === null || spread === undefined) return [];
  const points = curve.shares.map((share, point) => {
    const [value, sd] = [curve[metric][point] as number, spread[point] as number];
    return { x: 100 * share, ends: [value - sd, value + sd] as const };
  });
  return [bandTrace(points, roleStyles[roleOf(row)].colour, "1F")];
}

/** An empty trace with the look of a line and a mark of even size, for the legend. */
function legendTrace(line: ScatterTrace): PlotTrace {
  const marker = line.marker === undefined ? {} : { marker: { ...line.marker, size: 8 } };
  return { ...line, ...marker, x: [null], y: [null], showlegend: true };
}

function axesOf({ suffix }: Panel): Pick<PlotTrace, "xaxis" | "yaxis" | "legend"> {
  return { xaxis: `x${suffix}`, yaxis: `y${suffix}`, legend: `legend${suffix}` };
}

/** A line with marks here and there; a flat one, without marks, for an end of the gap. */
function traceOf({ name, mean, row, curve }: CurveEntry, metric: MetricName, place: number): ScatterTrace {
  const { colour } = roleStyles[roleOf(row)];
  const shares = curve?.shares ?? [0, 1];
  const marked = shares.map((_, index) => (index % markEvery === (2 * place + 1) % markEvery ? 8 : 0));
  const line = { color: colour, width: 2.2, dash: dashes[place % dashes.length] ?? "solid" } as const;
  return {
    type: "scatter",
    mode: curve === null ? "lines" : "lines+markers",
    name: brokenText(namedLines(name)),
    x: shares.map((share) => 100 * share),
    y: curve === null ? [mean, mean] : curve[metric],
    line: curve === null ? { color: faintInk, width: 1.5, dash: "dash" } : line,
    ...(curve === null ? {} : { marker: { color: colour, symbol: symbolAt(place), size: marked, opacity: 1 } }),
    cliponaxis: false,
    showlegend: false,
    hovertemplate: "%{x:.0f} % backfilled: %{y:.1f} %<extra>%{fullData.name}</extra>",
  };
}

/** From the lowest to the highest point; an end far below does not press the lines together. */
function rangeOf({ rows, ends }: CurveGroup, metric: MetricName): readonly [number, number] {
  const values = rows.flatMap(({ curve }) => curve[metric]);
  const flat = ends === null ? [] : [ends.from, ends.to].map(({ metrics }) => metrics[metric].mean);
  const span = Math.max(...values) - Math.min(...values) || 1;
  const all = [...values, ...flat.filter((value) => value > Math.min(...values) - near * span)];
  const room = margin * (Math.max(...all) - Math.min(...all) || 1);
  return [Math.min(...all) - room, Math.max(...all) + room];
}

function legendBeside({ y }: Panel): Legend {
  return {
    orientation: "v",
    x: 1.02,
    xanchor: "left",
    y: y[1],
    yanchor: "top",
    tracegroupgap: legend.gap,
    itemwidth: 34,
  };
}
