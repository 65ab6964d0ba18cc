import type { MetricName, TableResult } from "../../experiments/results/result";
import { gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import { bandTrace } from "../plot/band";
import type { Figure, Legend, Line, PlotTrace, ScatterTrace } from "../plot/figure";
import { cornerAxisRoom, lineHeight, numbersMargin, pageOf } from "../plot/layout";
import { faintInk, symbolAt } from "../plot/palette";
import { roleOf, roleStyles } from "../plot/roles";
import { brokenText, textLines } from "../plot/text-width";
import { metricLongTitles, metricTitles } from "../text/text";
import {
  type CurveEntry,
  type CurveGroup,
  curveGroups,
  entriesOf,
  orderOf,
  ordersOf,
  rangeOf,
} from "./parts/curve-groups";

/** The least height of a panel, and the room between two for labels and a title, pixels. */
const panelHeight = 240;
const between = 72;

/** Above the first panel, for its title if it has one. */
const above = { titled: 40, untitled: 12 } as const;

/** Beside a panel: the legend's width, that of its names, and between two, pixels. */
const legend = { width: 212, names: 160, gap: 4 } as const;

/** The colours of orders where several lines have one role; a random one is grey. */
const orderColours = ["#E69F00", "#009E73", "#CC79A7", "#000000", "#8A7A00"] as const;

/** Dashes in the order of use where several lines have one role. */
const dashes: readonly NonNullable<Line["dash"]>[] = ["solid", "dash", "dot", "dashdot", "longdash"];

/** Up to this number of curves in a panel, all have bands; of more only those in these orders. */
const mostBands = 3;
const banded = /\brandom\b|\buncertainty\b/;

/** Every this many points a line has a mark, each line beginning at another point. */
const markEvery = 7;

/**
 * The metric while a gallery is backfilled: a line for each row that has a curve, coloured by the
 * order where a panel has several of one method; a panel for each group, and for the rows with and
 * those without side-information. The names beside a panel are in the order of the means of the
 * curves over the shares (AUC), which they give, percent.
 */
export function curveFigure({ dataset, rows, seeds }: TableResult, metric: MetricName = "mAP"): Figure {
  const groups = curveGroups(rows, metric);
  const height = Math.max(panelHeight, ...groups.map((group) => legendHeight(entriesOf(group, metric))));
  const panels = panelGrid(groups, 1, { x: 0, y: between / height });
  const orders = ordersOf(groups, rows);
  const axis = metric === "mAP" ? "mean average precision (%)" : `${metricTitles[metric]} (% of queries)`;
  const runs =
    seeds.length === 1
      ? "one seed, so no interval"
      : `means of ${seeds.length} seeds; bands: ± 1 standard deviation over seeds of the distance to the line's last point`;
  return {
    data: panels.flatMap((panel) => lines(panel, metric, orders)),
    layout: {
      ...pageOf({
        title: `${metricLongTitles[metric]} while the gallery is backfilled`,
        subtitle: `${dataset}; AUC: the mean of a line; vertical axes do not begin at 0; ${runs}`,
        described: {
          kind: "Line plot",
          axes: ["Horizontally: share of the gallery backfilled (%)", `vertically: ${axis}`],
          items: groups.flatMap((group) => inWords(group, metric)),
        },
        panels: { rows: groups.length, height, between },
        above: groups.some(({ title }) => title !== "") ? above.titled : above.untitled,
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
      annotations: panels.map((panel) => panelTitle(panel, panel.content.title, 460)),
    },
  };
}

/** The entries of a panel, the first after the panel's title. */
function inWords(group: CurveGroup, metric: MetricName): readonly string[] {
  const names = entriesOf(group, metric).map(({ name }) => name);
  return names.map((name, index) => (index > 0 || group.title === "" ? name : `${group.title}: ${name}`));
}

function legendHeight(entries: readonly CurveEntry[]): number {
  return entries.reduce((sum, { name }) => sum + legend.gap + lineHeight * namedLines(name).length, 0);
}

function namedLines(name: string): readonly string[] {
  return textLines(name, legend.names, { size: 14 });
}

function lines(panel: Panel<CurveGroup>, metric: MetricName, orders: readonly string[]): readonly PlotTrace[] {
  const entries = entriesOf(panel.content, metric);
  const curves = entries.filter(({ curve }) => curve !== null);
  return entries.flatMap((entry) => {
    const order = orderOf(entry.row, panel.content);
    const alone = curves.filter(({ row }) => roleOf(row) === roleOf(entry.row)).length < 2;
    const place = alone ? 0 : orders.indexOf(order);
    const colour = alone ? roleStyles[roleOf(entry.row)].colour : orderColour(place);
    const line = { ...traceOf(entry, metric, { place, colour }), ...axesOf(panel) };
    const bands = curves.length <= mostBands || banded.test(order) ? band(entry, metric, colour) : [];
    return [...bands.map((trace) => ({ ...trace, ...axesOf(panel) })), line, legendTrace(line)];
  });
}

/** The colour of the order at a place; that of the first, which is a random one, is grey. */
function orderColour(place: number): string {
  return place === 0 ? faintInk : (orderColours[(place - 1) % orderColours.length] ?? faintInk);
}

/** The band around a curve, over the seeds. */
function band({ curve }: CurveEntry, metric: MetricName, colour: string): readonly ScatterTrace[] {
  const spread = curve?.sd?.[metric];
  if (curve === null || spread === undefined) return [];
  const points = curve.shares.map((share, point) => {
    const [value, sd] = [curve[metric][point] as number, spread[point] as number];
    return { x: 100 * share, ends: [value - sd, value + sd] as const };
  });
  return [bandTrace(points, colour, "1F")];
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
function traceOf(
  { name, mean, curve }: CurveEntry,
  metric: MetricName,
  { place, colour }: { readonly place: number; readonly colour: string },
): ScatterTrace {
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
