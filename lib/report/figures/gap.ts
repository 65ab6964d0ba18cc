import type { ResultRow, TableResult } from "../../experiments/results/result";
import { gridAxis } from "../plot/axes";
import type { Annotation, Figure, Marker, PlotTrace, Shape } from "../plot/figure";
import { legendColumn, pageOf } from "../plot/layout";
import { colourAt, faintInk, ink, symbolAt } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { type GapEnds, gapClosedBySeed, gapEnds, isEnd, publicationsOf, reportedBy, rowRuns } from "../text/rows";
import { percentText, plainText } from "../text/text";

/** Shares outside these are written, not drawn: a far outlier would press all others together. */
const drawn = { lowest: -50, highest: 200 } as const;

/** Room on either side of the outermost share drawn, percent. */
const slack = 8;

/** The height of a row: its own mark, those of the publications and those of its seeds. */
const rowHeight = 46;

/** Above the panel, for the names of the ends of the gap. */
const endsRoom = 34;

/** Shares of one origin, one for each row. */
interface Series {
  readonly name: string;
  readonly shares: readonly (number | null)[];
  readonly marker: Marker;
}

/**
 * The share of the top-1 gap that each update of the old gallery closes, beside the published
 * shares; each publication has a symbol of its own.
 */
export function gapFigure(result: TableResult): Figure {
  const rows = gapRows(result.rows);
  const places = rowPlaces(rows, rowHeight);
  const series = [ownShares(rows, result), ...publishedShares(rows, result)];
  const data = [
    ...series.map((each) => marks(each, places)),
    ...(result.seeds.length > 1 ? [seedMarks(places, result)] : []),
  ];
  return {
    data,
    layout: {
      ...pageOf({
        title: result.title,
        subtitle: `share of the gap closed, ${result.dataset}`,
        panels: { rows: Math.max(1, places.count), height: places.height },
        above: endsRoom,
        legend: legendColumn(data.length),
      }),
      xaxis: gridAxis("share of the top-1 gap closed (%)", { range: shareRange(data), dtick: 25 }),
      yaxis: { ...rowAxis(places), showgrid: true },
      shapes: [endLine(0), endLine(100)],
      annotations: [
        endLabel(endName(result.rows, "from"), 0),
        endLabel(endName(result.rows, "to"), 100),
        ...groupHeadings(places),
        ...places.rows.flatMap(({ place }, index) => offScaleNotes(series, { index, place })),
      ],
    },
  };
}

/** The rows that close a share of the top-1 gap, except for the two ends of the gap. */
export function gapRows(rows: readonly ResultRow[]): readonly ResultRow[] {
  return rows.filter((row) => row.gapClosed.top1 !== null && !isEnd(row));
}

function gapsOf(rows: readonly ResultRow[]): readonly GapEnds[] {
  return rowRuns(rows).flatMap(({ group }) => gapEnds(rows, group) ?? []);
}

/** The name that one end has in all gaps; "" if the names differ. */
function endName(rows: readonly ResultRow[], end: keyof GapEnds): string {
  const names = new Set(gapsOf(rows).map((gap) => gap[end].label));
  return names.size === 1 ? ([...names][0] ?? "") : "";
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

function marks({ name, shares, marker }: Series, { rows }: RowPlaces): PlotTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: plainText(name),
    x: shares.map((share) => (isDrawn(share) ? share : null)),
    y: rows.map(({ place }) => place),
    marker,
    hovertemplate: "%{x:.0f} %<extra>%{fullData.name}</extra>",
  };
}

function seedMarks({ rows }: RowPlaces, { rows: all }: TableResult): PlotTrace {
  const points = rows.flatMap(({ row, place }) => {
    const ends = gapEnds(all, row.group);
    const shares = ends === null ? [] : gapClosedBySeed(row, ends, "top1");
    return shares.filter(isDrawn).map((share) => ({ share, place: place + 0.24 }));
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

/** A row's shares that lie too far out to be drawn, written at the side on which they lie. */
function offScaleNotes(
  series: readonly Series[],
  { index, place }: { readonly index: number; readonly place: number },
): readonly Annotation[] {
  const [own, ...published] = series.map(({ shares }) => shares[index] ?? null);
  const note = (isOut: (share: number) => boolean): string => {
    const written = (shares: readonly (number | null)[]): string =>
      shares.flatMap((share) => (share !== null && isOut(share) ? [`${percentText(share)} %`] : [])).join(", ");
    const here = written([own ?? null]);
    const elsewhere = written(published);
    return [here === "" ? [] : [`${here} here`], elsewhere === "" ? [] : [`published ${elsewhere}`]].flat().join("; ");
  };
  const font = { size: 13, color: faintInk };
  const at = { y: place, xref: "paper", yref: "y" } as const;
  const look = { yanchor: "middle", showarrow: false, font, bgcolor: "white" } as const;
  const low = note((share) => share < drawn.lowest);
  const high = note((share) => share > drawn.highest);
  return [
    ...(low === "" ? [] : [{ text: `◂ off the scale: ${low}`, x: 0.01, ...at, xanchor: "left", ...look } as const]),
    ...(high === "" ? [] : [{ text: `off the scale: ${high} ▸`, x: 0.99, ...at, xanchor: "right", ...look } as const]),
  ];
}

function isDrawn(share: number | null): share is number {
  return share !== null && share >= drawn.lowest && share <= drawn.highest;
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

function shareRange(data: readonly PlotTrace[]): readonly [number, number] {
  const shares = [0, 100, ...data.flatMap(({ x }) => x).filter((share) => share !== null)];
  return [Math.min(...shares) - slack, Math.max(...shares) + slack];
}
