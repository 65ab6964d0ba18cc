import type { Cell, MetricName, TableResult } from "../../experiments/results/result";
import { axisTitle, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Annotation, Axis, Figure, HeatTrace, Shape } from "../plot/figure";
import { pageOf } from "../plot/layout";
import { ink, inkOn, mixed } from "../plot/palette";
import { brokenText } from "../plot/text-width";
import { bracketText, metricLongTitles, percentText, plainText } from "../text/text";
import { type CellMatrix, type CellRow, matricesOf, matrixPage, matrixRoom, nameLines } from "./parts/matrix-page";

/** Pale to dark blue, by the share of the way from the lowest to the highest number. */
const colours = [
  [0, "#EDF4FA"],
  [0.5, "#7DB8DE"],
  [1, "#00456E"],
] as const;

/**
 * Query models (rows) by gallery models (columns), a panel for each matrix. Every cell holds its
 * number, in the ink that its colour needs; the cells of a model that searches its own gallery are
 * framed.
 */
export function matrixFigure({ dataset, rows, seeds }: TableResult, metric: MetricName = "top1"): Figure {
  const matrices = matricesOf(rows);
  const page = matrixPage(matrices);
  const { columns, height, between, left } = page;
  const panels = panelGrid(matrices, columns, { x: matrixRoom.panelGap, y: between / height });
  const ends = scaleEnds(matrices.flatMap(({ cells }) => cells.map(({ metrics }) => metrics[metric].mean)));
  const lowest = panels.length - columns;
  const runs = seeds.length === 1 ? "one seed" : `means of ${seeds.length} seeds`;
  const small = page.intervals ? ", small: its 95 % interval" : "";
  return {
    data: panels.map((panel) => heatMap(panel, { metric, ends })),
    layout: {
      ...pageOf({
        title: `${metricLongTitles[metric]} of every query model in every gallery (%)`,
        subtitle: `${dataset}; ${runs}; framed: a model in its own gallery${small}`,
        described: {
          kind: "Heat map",
          items: matrices.flatMap(({ cells }) => cells.map((row) => inWords(row, metric))),
        },
        panels: { rows: Math.ceil(matrices.length / columns), height, between },
        above: matrixRoom.title,
        axis: page.below + matrixRoom.axisTitle,
        left,
        right: matrixRoom.right,
      }),
      ...panelAxes(panels, ({ content, index }) => ({
        x: modelAxis(index >= lowest ? "gallery model" : "", content.galleries, page.gallerySpan, false),
        y: {
          ...modelAxis(index % columns === 0 ? "query model" : "", content.queries, matrixRoom.query, true),
          showticklabels: index % columns === 0,
        },
      })),
      shapes: panels.flatMap(diagonal),
      annotations: panels.flatMap((panel) => [
        panelTitle(panel, panel.content.name, page.panelWidth),
        ...numbers(panel, { metric, ends }),
      ]),
    },
  };
}

function inWords({ cell, metrics }: CellRow, metric: MetricName): string {
  return `${cell.panel}: ${cell.row} searching ${cell.column} ${percentText(metrics[metric].mean)}`;
}

/** The lowest and the highest number; one below and above if all are equal. */
function scaleEnds(values: readonly number[]): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return high > low ? [low, high] : [low - 1, high + 1];
}

interface Scale {
  readonly metric: MetricName;
  readonly ends: readonly [number, number];
}

function heatMap({ content, suffix }: Panel<CellMatrix>, { metric, ends }: Scale): HeatTrace {
  const { queries, galleries, cells } = content;
  const value = (query: string, gallery: string): number | null =>
    cells.find(({ cell }) => cell.row === query && cell.column === gallery)?.metrics[metric].mean ?? null;
  return {
    type: "heatmap",
    name: plainText(content.name),
    x: galleries.map((_, column) => column),
    y: queries.map((_, row) => row),
    z: queries.map((query) => galleries.map((gallery) => value(query, gallery))),
    zmin: ends[0],
    zmax: ends[1],
    colorscale: colours,
    showscale: false,
    xgap: 2,
    ygap: 2,
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    hovertemplate: "%{z:.1f} %<extra>%{fullData.name}</extra>",
  };
}

function modelAxis(title: string, names: readonly string[], width: number, downwards: boolean): Axis {
  const ends = [-0.5, names.length - 0.5] as const;
  return {
    title: axisTitle(title),
    range: downwards ? [ends[1], ends[0]] : ends,
    tickmode: "array",
    tickvals: names.map((_, index) => index),
    ticktext: names.map((name) => brokenText(nameLines(name, width))),
    tickangle: 0,
    showgrid: false,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: 4,
  };
}

/** A frame around each cell of a model that searches its own gallery. */
function diagonal({ content, suffix }: Panel<CellMatrix>): readonly Shape[] {
  return content.cells
    .filter(({ cell }) => cell.row === cell.column)
    .map(({ cell }) => {
      const [x, y] = place(cell, content);
      const box = { x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, xref: `x${suffix}`, yref: `y${suffix}` };
      return { type: "rect", ...box, line: { color: ink, width: 2 }, layer: "above" };
    });
}

function numbers({ content, suffix }: Panel<CellMatrix>, { metric, ends }: Scale): readonly Annotation[] {
  return content.cells.map(({ cell, metrics }) => {
    const [x, y] = place(cell, content);
    const { mean, interval } = metrics[metric];
    const bracket = interval === undefined ? "" : `<br><span style="font-size: 11px">${bracketText(interval)}</span>`;
    const at = { x, y, xref: `x${suffix}`, yref: `y${suffix}`, showarrow: false } as const;
    return {
      text: `${percentText(mean)}${bracket}`,
      ...at,
      font: { color: inkOn(mixed(colours, (mean - ends[0]) / (ends[1] - ends[0]))) },
    };
  });
}

function place({ row, column }: Cell, { galleries, queries }: CellMatrix): readonly [number, number] {
  return [galleries.indexOf(column), queries.indexOf(row)];
}
