import type { Cell, MetricName, ResultRow, TableResult } from "../../experiments/results/result";
import type { Annotation, Axis, Figure, HeatTrace, Shape } from "../plot/figure";
import { axisTitle, baseLayout, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/layout";
import { ink } from "../plot/palette";
import { metricTitles, percentText, plainText, wrappedText } from "../text/text";

/** Pale to dark blue; numbers stand in white ink from this share of the way on. */
const colours = [
  [0, "#EDF4FA"],
  [0.5, "#7DB8DE"],
  [1, "#00456E"],
] as const;
const whiteInkFrom = 0.65;

/** A row of the result and its cell. */
type CellRow = ResultRow & { readonly cell: Cell };

/** The cells of one panel, and the names of its query and gallery models in order of first mention. */
interface Matrix {
  readonly name: string;
  readonly cells: readonly CellRow[];
  readonly queries: readonly string[];
  readonly galleries: readonly string[];
}

/** A panel a matrix of query models (rows) by gallery models (columns), each cell's number written in it, a model with itself framed. */
export function matrixFigure({ title, dataset, rows }: TableResult, metric: MetricName = "top1"): Figure {
  const matrices = matricesOf(rows);
  const columns = matrices.some(({ galleries }) => galleries.length > 4) ? 1 : Math.min(2, matrices.length);
  const deepest = Math.max(1, ...matrices.map(({ queries }) => queries.length));
  const panelPixels = 40 * deepest;
  const panels = panelGrid(matrices.length, Math.max(1, columns), { x: 0.4, y: 130 / panelPixels });
  const lines = Math.ceil(matrices.length / Math.max(1, columns));
  const area = {
    width: 760,
    plot: lines * panelPixels + (lines - 1) * 130,
    above: 40,
    below: 88,
    left: 110,
    right: 90,
  };
  const ends = scaleEnds(matrices.flatMap(({ cells }) => cells.map(({ metrics }) => metrics[metric].mean)));
  return {
    data: panels.flatMap((panel) => heatMap(matrices[panel.index], panel, { metric, ends })),
    layout: {
      ...baseLayout(area, title, `${metricTitles[metric]}, ${dataset}`),
      ...panelAxes(panels, ({ index }) => ({
        x: modelAxis("gallery model", matrices[index]?.galleries ?? [], 11, false),
        y: modelAxis("query model", matrices[index]?.queries ?? [], 14, true),
      })),
      shapes: panels.flatMap((panel) => diagonal(matrices[panel.index], panel)),
      annotations: panels.flatMap((panel) => [
        panelTitle(panel, matrices[panel.index]?.name ?? "", columns === 1 ? 60 : 30),
        ...numbers(matrices[panel.index], panel, { metric, ends }),
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

/** The lowest and the highest number, apart. */
function scaleEnds(values: readonly number[]): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return high > low ? [low, high] : [low - 1, high + 1];
}

interface Scale {
  readonly metric: MetricName;
  readonly ends: readonly [number, number];
}

function heatMap(matrix: Matrix | undefined, { index, suffix }: Panel, { metric, ends }: Scale): HeatTrace[] {
  if (matrix === undefined) return [];
  const { queries, galleries, cells } = matrix;
  const value = (query: string, gallery: string): number | null =>
    cells.find(({ cell }) => cell.row === query && cell.column === gallery)?.metrics[metric].mean ?? null;
  return [
    {
      type: "heatmap",
      name: plainText(matrix.name),
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
    },
  ];
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

/** A frame around each cell whose gallery is the query model's own. */
function diagonal(matrix: Matrix | undefined, { suffix }: Panel): readonly Shape[] {
  return (matrix?.cells ?? [])
    .filter(({ cell }) => cell.row === cell.column)
    .map(({ cell }) => {
      const [x, y] = place(cell, matrix);
      const box = { x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, xref: `x${suffix}`, yref: `y${suffix}` };
      return { type: "rect", ...box, line: { color: ink, width: 2 }, layer: "above" };
    });
}

function numbers(matrix: Matrix | undefined, { suffix }: Panel, { metric, ends }: Scale): readonly Annotation[] {
  return (matrix?.cells ?? []).map(({ cell, metrics }) => {
    const [x, y] = place(cell, matrix);
    const { mean } = metrics[metric];
    const dark = (mean - ends[0]) / (ends[1] - ends[0]) >= whiteInkFrom;
    const at = { x, y, xref: `x${suffix}`, yref: `y${suffix}`, showarrow: false } as const;
    return { text: percentText(mean), ...at, font: { size: 13, color: dark ? "#FFFFFF" : ink } };
  });
}

function place({ row, column }: Cell, matrix: Matrix | undefined): readonly [number, number] {
  return [matrix?.galleries.indexOf(column) ?? 0, matrix?.queries.indexOf(row) ?? 0];
}
