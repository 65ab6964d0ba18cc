import type { ResultRow, TableResult } from "../../experiments/results/result";
import { gridAxis } from "../plot/axes";
import { dotTraces, intervalText, seedDrop, seedMarker } from "../plot/dots";
import type { Figure, Marker, PlotTrace, Shape } from "../plot/figure";
import { entryText, legendColumn, pageOf, pageWidth } from "../plot/layout";
import { faintInk, ink } from "../plot/palette";
import { groupHeadings, type RowPlaces, rowAxis, rowPlaces } from "../plot/row-places";
import { gapDeviation, isEnd, publicationName, publicationsOf, reportedBy, shownShare } from "../text/rows";
import { summaryText } from "../text/text";
import { leftOutNotes, seedShares } from "./parts/left-out";
import { isDrawn, offScaleNotes } from "./parts/off-scale";

/** Of more rows than these, those beyond the scale are left out. */
const mostRows = 40;

/** As far as this the axis goes for the ends of bars, percent. */
const farthest = { lowest: -150, highest: 300 } as const;

/** Room on either side of the outermost share drawn, percent. */
const slack = 8;

/** The height of a row with its own mark and those of its seeds, and the room above the panel. */
const rowHeight = 44;
const above = 12;

/** Right of the longest note beyond the scale, pixels. */
const notesEdge = 40;

/** Publications have open marks in ink: colours belong to the methods. */
const publishedSymbols = ["diamond-open", "square-open", "circle-open", "hexagram-open", "triangle-left-open"];

/** Published shares of one source, one for each row. */
interface Series {
  readonly name: string;
  readonly shares: readonly (number | null)[];
  readonly marker: Marker;
}

/**
 * The share of the top-1 gap that each update of the old gallery closes, with its deviation over
 * seeds, beside the published shares; each publication has a symbol of its own.
 */
export function gapFigure(result: TableResult): Figure {
  const all = gapRows(result.rows);
  const rows = all.length > mostRows ? all.filter(({ gapClosed }) => isDrawn(gapClosed.top1)) : all;
  const published = publishedShares(rows, result);
  const single = result.seeds.length === 1 && published.length === 0;
  const places = rowPlaces(rows, single ? {} : { least: rowHeight });
  const data = [
    ...ownShares(places, result),
    ...published.map((each) => marks(each, places)),
    ...(result.seeds.length > 1 ? [seedMarks(places, result)] : []),
  ];
  return {
    data,
    layout: {
      ...pageOf({
        title: "Share of the top-1 gap closed",
        subtitle: `${result.dataset}; ${intervalText(result)}; dashed lines: old / old and new / new${leftOutNotes({ all, shown: rows }, result)}`,
        described: {
          kind: "Dot plot",
          axes: ["Horizontally: share of the top-1 gap closed (%)"],
          items: rows.map((row) => rowInWords(row, result)),
        },
        panels: { rows: 1, height: places.height },
        above,
        legend: legendColumn(published.map(({ name }) => name)),
        left: places.left,
      }),
      xaxis: gridAxis("share of the gap closed (%)", { range: shareRange(data), dtick: 50 }),
      yaxis: { ...rowAxis(places), showgrid: true },
      shapes: [endLine(0), endLine(100)],
      annotations: [
        ...groupHeadings(places),
        ...places.rows.flatMap(({ row, place }, index) =>
          offScaleNotes([row.gapClosed.top1, ...published.map(({ shares }) => shares[index] ?? null)], {
            place,
            width: pageWidth - places.left - notesEdge,
          }),
        ),
      ],
    },
  };
}

/**
 * The rows of which a share of the top-1 gap is shown, but for the two ends of the gap; rows whose
 * gap may be chance are not among them.
 */
export function gapRows(rows: readonly ResultRow[]): readonly ResultRow[] {
  return rows.filter((row) => shownShare(row, "top1") !== null && !isEnd(row));
}

/** The shares of this replication, with the deviation of those of its seeds. */
function ownShares(places: RowPlaces, { rows }: TableResult): readonly PlotTrace[] {
  const dots = places.rows.map(({ row, place }) => {
    const { top1 } = row.gapClosed;
    const interval = row.gapInterval?.top1;
    const sd = isDrawn(top1) ? gapDeviation(row, rows) : null;
    return { row, place, value: isDrawn(top1) ? top1 : null, sd, interval };
  });
  return dotTraces(dots, { name: "this replication", hovertemplate: "%{text}: %{x:.1f} %<extra></extra>" });
}

function rowInWords(row: ResultRow, { rows }: TableResult): string {
  const sd = gapDeviation(row, rows);
  const name = row.group === undefined ? row.label : `${row.group}: ${row.label}`;
  return `${name} ${summaryText({ mean: row.gapClosed.top1 ?? Number.NaN, sd })} %`;
}

function publishedShares(rows: readonly ResultRow[], result: TableResult): readonly Series[] {
  const published = publicationsOf(result.rows).map((publication, index) => ({
    name: publicationName(publication),
    shares: rows.map((row) => reportedBy(publication, row)?.gapClosed ?? null),
    marker: {
      color: ink,
      symbol: publishedSymbols[index % publishedSymbols.length] ?? "diamond-open",
      size: 12,
      line: { color: ink, width: 1.8 },
    },
  }));
  return published.filter(({ shares }) => shares.some((share) => share !== null));
}

function marks({ name, shares, marker }: Series, { rows }: RowPlaces): PlotTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: entryText(name),
    x: shares.map((share) => (isDrawn(share) ? share : null)),
    y: rows.map(({ place }) => place),
    marker,
    hovertemplate: "%{x:.0f} %<extra>%{fullData.name}</extra>",
  };
}

function seedMarks({ rows }: RowPlaces, { rows: all }: TableResult): PlotTrace {
  const points = rows.flatMap(({ row, place }) =>
    seedShares(row, all)
      .filter(isDrawn)
      .map((share) => ({ share, place: place + seedDrop })),
  );
  return {
    type: "scatter",
    mode: "markers",
    name: "each seed of this replication",
    x: points.map(({ share }) => share),
    y: points.map(({ place }) => place),
    marker: seedMarker,
    showlegend: false,
    hovertemplate: "%{x:.0f} %<extra></extra>",
  };
}

function endLine(x: number): Shape {
  const line = { color: faintInk, width: 1.5, dash: "dash" } as const;
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, xref: "x", yref: "paper", line, layer: "between" };
}

function shareRange(data: readonly PlotTrace[]): readonly [number, number] {
  const ends = data.flatMap(barEnds).map((end) => Math.min(farthest.highest, Math.max(farthest.lowest, end)));
  const shares = [0, 100, ...data.flatMap(({ x }) => x).filter(isDrawn), ...ends];
  return [Math.min(...shares) - slack, Math.max(...shares) + slack];
}

/** Where the bars of dots begin and end. */
function barEnds(trace: PlotTrace): readonly number[] {
  const { array = [], arrayminus = array } = ("error_x" in trace ? trace.error_x : undefined) ?? {};
  return trace.x.flatMap((x, i) => (typeof x === "number" ? [x - (arrayminus[i] ?? 0), x + (array[i] ?? 0)] : []));
}
