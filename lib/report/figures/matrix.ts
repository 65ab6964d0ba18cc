import type { Cell, MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import { axisTitle, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Annotation, Axis, Figure, HeatTrace, Shape } from "../plot/figure";
import { pageOf } from "../plot/layout";
import { ink } from "../plot/palette";
import { metricTitles, percentText, plainText, wrappedText } from "../text/text";

/** Pale to dark blue, by the share of the way from the lowest to the highest number. */
const colours = [
  [0, "#EDF4FA"],
  [0.5, "#7DB8DE"],
  [1, "#00456E"],
] as const;

/** From this share on, numbers are written in white. */
const whiteInkFrom = 0.65;

/** Matrices of more columns than this fill the page's width alone. */
const narrowColumns = 4;

/** Pixels: a cell's height, and the room between two rows of panels for names and titles. */
const cellHeight = 40;
const between = 130;

/** Around the panels: names of query models on the left, the colour bar on the right. */
const around = { above: 40, axis: 88, left: 110, right: 90 } as const;

/** Characters of a line: names of gallery and query models, titles of a lone panel and of two. */
const gallerySpan = 11;
const querySpan = 14;
const titleSpan = { alone: 60, beside: 30 } as const;

/** A row of the result and its cell. */
type CellRow = ResultRow & { readonly cell: Cell };

/** The cells of one panel; its query and gallery models are in order of first mention. */
interface Matrix {
  readonly name: string;
  readonly cells: readonly CellRow[];
  readonly queries: readonly string[];
  readonly galleries: readonly string[];
}

/**
 * Query models (rows) by gallery models (columns), a panel for each matrix. Every cell holds its
 * number; the cells of a model that searches its own gallery are framed.
 */
export function matrixFigure({ title, dataset, rows }: TableResult, metric: MetricName = "top1"): Figure {
  const matrices = matricesOf(rows);
  const wide = matrices.some(({ galleries }) => galleries.length > narrowColumns);
  const columns = wide || matrices.length < 2 ? 1 : 2;
  const height = cellHeight * Math.max(1, ...matrices.map(({ queries }) => queries.length));
  const panels = panelGrid(matrices, columns, { x: 0.4, y: between / height });
  const ends = scaleEnds(matrices.flatMap(({ cells }) => cells.map(({ metrics }) => metrics[metric].mean)));
  return {
    data: panels.map((panel) => heatMap(panel, { metric, ends })),
    layout: {
      ...pageOf({
        title,
        subtitle: `${metricTitles[metric]}, ${dataset}`,
        panels: { rows: Math.ceil(matrices.length / columns), height, between },
        ...around,
      }),
      ...panelAxes(panels, ({ content }) => ({
        x: modelAxis("gallery model", content.galleries, gallerySpan, false),
        y: modelAxis("query model", content.queries, querySpan, true),
      })),
      shapes: panels.flatMap(diagonal),
      annotations: panels.flatMap((panel) => [
        panelTitle(panel, panel.content.name, columns === 1 ? titleSpan.alone : titleSpan.beside),
        ...numbers(panel, { metric, ends }),
      ]),
    },
  };
}

function matricesOf(rows: readonly ResultRow[]): readonly Matrix[] {
  const cells = rows.flatMap((row) => (row.cell === undefined ? [] : [{ ...row, cell: row.cell }]));
  return [...new Set(cells.map(({ cell }) => cell.panel))].map((name) => {
    const own = cells.filter(({ cell }) => cell.panel === name);
    const queries = [...new Set(own.map(({ cell }) => cell.row))];
    return { name, cells: own, queries, galleries: [...new Set(own.map(({ cell }) => cell.column))] };
  });
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

function heatMap({ content, index, suffix }: Panel<Matrix>, { metric, ends }: Scale): HeatTrace {
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
    showscale: index === 0,
    colorbar: { title: { text: `${metricTitles[metric]} (%)`, side: "right", font: { size: 14 } }, thickness: 14 },
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
    ticktext: names.map((name) => wrappedText(name, width)),
    tickfont: { size: 12 },
    automargin: true,
    showgrid: false,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: 4,
  };
}

/** A frame around each cell of a model that searches its own gallery. */
function diagonal({ content, suffix }: Panel<Matrix>): readonly Shape[] {
  return content.cells
    .filter(({ cell }) => cell.row === cell.column)
    .map(({ cell }) => {
      const [x, y] = place(cell, content);
      const box = { x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, xref: `x${suffix}`, yref: `y${suffix}` };
      return { type: "rect", ...box, line: { color: ink, width: 2 }, layer: "above" };
    });
}

function numbers({ content, suffix }: Panel<Matrix>, { metric, ends }: Scale): readonly Annotation[] {
  return content.cells.map(({ cell, metrics }) => {
    const [x, y] = place(cell, content);
    const { mean } = metrics[metric];
    const dark = (mean - ends[0]) / (ends[1] - ends[0]) >= whiteInkFrom;
    const at = { x, y, xref: `x${suffix}`, yref: `y${suffix}`, showarrow: false } as const;
    return { text: percentText(mean), ...at, font: { size: 13, color: dark ? "#FFFFFF" : ink } };
  });
}

function place({ row, column }: Cell, { galleries, queries }: Matrix): readonly [number, number] {
  return [galleries.indexOf(column), queries.indexOf(row)];
}
