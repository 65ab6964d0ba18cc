import type { ResultRow, TableResult } from "../experiments/result";
import { baseLayout, bottomLegend, gridAxis, rowAxis } from "./base-layout";
import type { Annotation, Figure, Marker, Shape, Trace } from "./figure";
import { gapClosedBySeed, gapEnds } from "./gap-ends";
import { colourAt, faintInk, ink, symbolAt } from "./palette";
import { percentText } from "./percent-text";
import { plainText } from "./plain-text";
import { publicationsOf, reportedBy } from "./publications";

/** Shares below this are written, not drawn: a far outlier would press all others together. */
const lowestDrawn = -50;

/** Shares of one origin, a place a row. */
interface Series {
  readonly name: string;
  readonly shares: readonly (number | null)[];
  readonly marker: Marker;
}

/** The share of the top-1 gap each update of the old gallery closes, beside the published shares, a symbol a publication. */
export function gapFigure(result: TableResult): Figure {
  const ends = gapEnds(result.rows);
  const rows = result.rows.filter((row) => row.gapClosed.top1 !== null && row !== ends?.from && row !== ends?.to);
  const series = [ownShares(rows, result), ...publishedShares(rows, result)];
  const data = [...series.map(marks), ...(result.seeds.length > 1 ? [seedMarks(rows, result)] : [])];
  const below = 70 + 24 * data.length;
  const area = { width: 760, plot: 46 * Math.max(1, rows.length), above: 34, below, left: 20, right: 24 };
  return {
    data,
    layout: {
      ...baseLayout(area, result.title, `share of the gap closed, ${result.dataset}`),
      showlegend: true,
      legend: { ...bottomLegend, entrywidth: 640, entrywidthmode: "pixels" },
      xaxis: gridAxis("share of the top-1 gap closed (%)", { range: shareRange(data), dtick: 25 }),
      yaxis: { ...rowAxis(rows.map(({ label }) => label)), showgrid: true },
      shapes: [endLine(0), endLine(100)],
      annotations: [
        endLabel(ends?.from.label ?? "", 0),
        endLabel(ends?.to.label ?? "", 100),
        ...rows.flatMap((_, index) => offScaleNote(series, index)),
      ],
    },
  };
}

function ownShares(rows: readonly ResultRow[], { scale, seeds }: TableResult): Series {
  const runs = seeds.length === 1 ? "one run" : `mean of ${seeds.length} seeds`;
  return {
    name: `this replication, ${scale} scale, ${runs}`,
    shares: rows.map((row) => row.gapClosed.top1),
    marker: { color: colourAt(0), symbol: "circle", size: 15 },
  };
}

function publishedShares(rows: readonly ResultRow[], result: TableResult): readonly Series[] {
  const published = publicationsOf(result.rows).map((publication, index) => ({
    name: `published: ${publication.dataset}, ${publication.source}`,
    shares: rows.map((row) => reportedBy(publication, row)?.gapClosed ?? null),
    marker: {
      color: "rgba(255,255,255,0)",
      symbol: symbolAt(index + 1),
      size: 13,
      line: { color: colourAt(index + 1), width: 2.5 },
    },
  }));
  return published.filter(({ shares }) => shares.some((share) => share !== null));
}

function marks({ name, shares, marker }: Series): Trace {
  return {
    type: "scatter",
    mode: "markers",
    name: plainText(name),
    x: shares.map((share) => (isDrawn(share) ? share : null)),
    y: shares.map((_, index) => index),
    marker,
    hovertemplate: "%{x:.0f} %<extra>%{fullData.name}</extra>",
  };
}

function seedMarks(rows: readonly ResultRow[], { rows: all }: TableResult): Trace {
  const ends = gapEnds(all);
  const points = rows.flatMap((row, index) => {
    const shares = ends === null ? [] : gapClosedBySeed(row, ends, "top1");
    return shares.filter(isDrawn).map((share) => ({ share, place: index + 0.24 }));
  });
  return {
    type: "scatter",
    mode: "markers",
    name: "each seed of this replication",
    x: points.map(({ share }) => share),
    y: points.map(({ place }) => place),
    marker: { color: "white", symbol: "circle", size: 6, line: { color: ink, width: 1.2 } },
    hovertemplate: "%{x:.0f} %<extra></extra>",
  };
}

/** A row's shares that lie too far below zero to be drawn, in words. */
function offScaleNote(series: readonly Series[], index: number): readonly Annotation[] {
  const [own, ...published] = series.map(({ shares }) => shares[index] ?? null);
  const written = (shares: readonly (number | null)[]): string =>
    shares.flatMap((share) => (share === null || isDrawn(share) ? [] : [`${percentText(share)} %`])).join(", ");
  const here = written([own ?? null]);
  const elsewhere = written(published);
  if (here === "" && elsewhere === "") return [];
  const parts = [here === "" ? [] : [`${here} here`], elsewhere === "" ? [] : [`published ${elsewhere}`]].flat();
  const font = { size: 13, color: faintInk };
  const place = { x: 0.01, y: index, xref: "paper", yref: "y", xanchor: "left", yanchor: "middle" } as const;
  return [{ text: `◂ off the scale: ${parts.join("; ")}`, ...place, showarrow: false, font, bgcolor: "white" }];
}

function isDrawn(share: number | null): share is number {
  return share !== null && share >= lowestDrawn;
}

function endLine(x: number): Shape {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, xref: "x", yref: "paper", line, layer: "below" };
}

function endLabel(label: string, x: number): Annotation {
  const font = { size: 13, color: faintInk };
  const place = { x, y: 1, xref: "x", yref: "paper", xanchor: "center", yanchor: "bottom" } as const;
  return { text: plainText(label), ...place, showarrow: false, font };
}

function shareRange(data: readonly Trace[]): readonly [number, number] {
  const shares = [0, 100, ...data.flatMap(({ x }) => x).filter((share) => share !== null)];
  return [Math.min(...shares) - 8, Math.max(...shares) + 8];
}
