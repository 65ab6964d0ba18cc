import type { ResultRow, TableResult } from "../experiments/result";
import { gapClosedBySeed, isAnchor } from "./anchors";
import { baseLayout, bottomLegend, gridAxis, rowAxis } from "./base-layout";
import type { Annotation, Figure, Marker, Shape, Trace } from "./figure";
import { colourAt, faintInk, ink, symbolAt } from "./palette";
import { plainText } from "./plain-text";
import { type Publication, publicationsOf, reportedBy } from "./publications";

/** The share of the top-1 gap each update of the old gallery closes, beside the published shares, a symbol a publication. */
export function gapFigure(result: TableResult): Figure {
  const rows = result.rows.filter((row) => row.gapClosed.top1 !== null && !isAnchor(row));
  const published = publicationsOf(rows).map((publication, index) => publishedMarks(publication, index, rows));
  const data = [ownMarks(rows, result), ...seedMarks(rows, result), ...published];
  const legendHeight = 24 * data.length;
  const size = { width: 760, height: 150 + 46 * Math.max(1, rows.length) + legendHeight };
  return {
    data,
    layout: {
      ...baseLayout(size, `${result.title}: share of the gap closed`),
      margin: { l: 20, r: 24, t: 76, b: 70 + legendHeight },
      showlegend: true,
      legend: { ...bottomLegend, entrywidth: 640, entrywidthmode: "pixels" },
      xaxis: gridAxis("share of the top-1 gap between old/old and new/new closed (%)", { range: shareRange(data) }),
      yaxis: { ...rowAxis(rows.map(({ label }) => label)), showgrid: true },
      shapes: [endLine(0), endLine(100)],
      annotations: [endLabel("old/old", 0), endLabel("new/new", 100)],
    },
  };
}

function ownMarks(rows: readonly ResultRow[], { scale, seeds }: TableResult): Trace {
  const runs = seeds.length === 1 ? "one run" : `mean of ${seeds.length} seeds`;
  return {
    ...marks(rows.map((row) => row.gapClosed.top1)),
    name: plainText(`this replication, scale ${scale}, ${runs}`),
    marker: { color: colourAt(0), symbol: "circle", size: 15 },
  };
}

function seedMarks(rows: readonly ResultRow[], { rows: all, seeds }: TableResult): readonly Trace[] {
  if (seeds.length === 1) return [];
  const points = rows.flatMap((row, y) => gapClosedBySeed(row, all, "top1").map((x) => ({ x, y: y + 0.2 })));
  const marker = { color: "white", symbol: "circle", size: 6, line: { color: ink, width: 1.2 } };
  return [{ ...marks(points.map(({ x }) => x)), y: points.map(({ y }) => y), name: "each seed", marker }];
}

function publishedMarks(publication: Publication, index: number, rows: readonly ResultRow[]): Trace {
  const marker: Marker = {
    color: "rgba(255,255,255,0)",
    symbol: symbolAt(index + 1),
    size: 13,
    line: { color: colourAt(index + 1), width: 2.5 },
  };
  return {
    ...marks(rows.map((row) => reportedBy(publication, row)?.gapClosed ?? null)),
    name: plainText(`published: ${publication.dataset}, ${publication.source}`),
    marker,
  };
}

function marks(x: readonly (number | null)[]): Trace & { readonly type: "scatter" } {
  const hovertemplate = "%{x:.0f} %<extra></extra>";
  return { type: "scatter", mode: "markers", x, y: x.map((_, index) => index), hovertemplate };
}

function endLine(x: number): Shape {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, xref: "x", yref: "paper", line, layer: "below" };
}

function endLabel(text: string, x: number): Annotation {
  const font = { size: 13, color: faintInk };
  return { text, x, y: 1, xref: "x", yref: "paper", showarrow: false, xanchor: "center", yanchor: "bottom", font };
}

function shareRange(data: readonly Trace[]): readonly [number, number] {
  const shares = [0, 100, ...data.flatMap(({ x }) => x).filter((share) => share !== null)];
  return [Math.min(...shares) - 8, Math.max(...shares) + 8];
}
