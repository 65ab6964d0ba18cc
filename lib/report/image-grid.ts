import sharp from "sharp";
import { baseLayout } from "./base-layout";
import type { Annotation, Figure, LayoutImage, Shape } from "./figure";
import { ink } from "./palette";
import { wrappedText } from "./plain-text";

/** An image of a retrieval: `pixels` are RGB bytes row by row. A query stands apart; a hit is right or wrong. */
export interface ImageCell {
  readonly pixels: Uint8Array;
  readonly caption: string;
  readonly mark: "query" | "right" | "wrong";
}

/** A row of images with a name of its own, for example the model that retrieved them. */
export interface ImageRow {
  readonly label: string;
  readonly cells: readonly ImageCell[];
}

export interface ImageGridOptions {
  /** Height and width of every image, pixels. */
  readonly shape: readonly [number, number];
  readonly title?: string;
}

const cellSize = 80;
const pitch = { x: 100, y: 130 };
const marks = {
  query: { colour: ink, sign: "" },
  right: { colour: "#009E73", sign: "✓ " },
  wrong: { colour: "#D55E00", sign: "✗ " },
} as const;

/** Retrieved images shown as images: framed green with a tick where right, orange-red with a cross where wrong, queries in black. */
export async function imageGrid(rows: readonly ImageRow[], { shape, title = "" }: ImageGridOptions): Promise<Figure> {
  const left = rows.some(({ label }) => label !== "") ? 150 : 16;
  const cells = rows.flatMap((row, index) => placed(row, left, 8 + index * pitch.y));
  const sources = await Promise.all(cells.map(({ cell }) => dataAddress(cell.pixels, shape)));
  const width = Math.max(400, ...cells.map(({ x }) => x + pitch.x));
  const plot = rows.length * pitch.y;
  return {
    data: [{ type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" }],
    layout: {
      ...baseLayout({ width, plot, above: 6, below: 0, left: 0, right: 0 }, title),
      xaxis: { range: [0, width], visible: false },
      yaxis: { range: [plot, 0], visible: false },
      images: cells.map(({ x, y }, index) => picture(sources[index] ?? "", x, y)),
      shapes: cells.map(({ cell, x, y }) => frame(cell, x, y)),
      annotations: [
        ...cells.map(({ cell, x, y }) => caption(cell, x, y)),
        ...rows.map(({ label }, index) => rowLabel(label, 8 + index * pitch.y)),
      ],
    },
  };
}

/** A row's images from left to right, the hits set off from the query. */
function placed({ cells }: ImageRow, left: number, y: number): readonly { cell: ImageCell; x: number; y: number }[] {
  return cells.map((cell, column) => {
    const apart = column > 0 && cells[0]?.mark === "query" ? 18 : 0;
    return { cell, x: left + column * pitch.x + apart, y };
  });
}

async function dataAddress(pixels: Uint8Array, [height, width]: readonly [number, number]): Promise<string> {
  if (pixels.length !== height * width * 3) {
    throw new RangeError(`an image of ${height} x ${width} has ${height * width * 3} RGB bytes, got ${pixels.length}`);
  }
  const factor = Math.max(1, Math.round((2 * cellSize) / Math.max(height, width)));
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(width * factor, height * factor, { kernel: "nearest" })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}

function picture(source: string, x: number, y: number): LayoutImage {
  const position = { x, y, xref: "x", yref: "y", xanchor: "left", yanchor: "top" } as const;
  return { source, ...position, sizex: cellSize, sizey: cellSize, sizing: "stretch", layer: "below" };
}

function frame({ mark }: ImageCell, x: number, y: number): Shape {
  const box = { x0: x - 2, x1: x + cellSize + 2, y0: y - 2, y1: y + cellSize + 2, xref: "x", yref: "y" };
  const line = { color: marks[mark].colour, width: mark === "query" ? 2 : 4 };
  return { type: "rect", ...box, line, layer: "above" };
}

function caption({ mark, caption: text }: ImageCell, x: number, y: number): Annotation {
  const position = { x: x + cellSize / 2, y: y + cellSize + 4, xref: "x", yref: "y" };
  const font = { size: 12, color: mark === "query" ? ink : marks[mark].colour };
  const lines = wrappedText(`${marks[mark].sign}${text}`, 14);
  return { text: lines, ...position, showarrow: false, xanchor: "center", yanchor: "top", font };
}

function rowLabel(label: string, y: number): Annotation {
  const position = { x: 14, y: y + cellSize / 2, xref: "x", yref: "y", xanchor: "left", yanchor: "middle" } as const;
  return { text: wrappedText(label, 17), ...position, showarrow: false, align: "left", font: { size: 13, color: ink } };
}
