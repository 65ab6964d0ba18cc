import sharp from "sharp";
import { unexpected } from "../../core/check";
import type { ImageSplit } from "../../data/splits/dataset";
import type { Annotation, Figure, LayoutImage, Shape } from "../plot/figure";
import { pageOf } from "../plot/layout";
import { gridColour, ink } from "../plot/palette";
import { classLabel, classParts, wrappedText } from "../text/text";

/** An image to look at. A query stands apart from the hits, which are right or wrong. */
interface ImageCell {
  /** Red, green and blue bytes, row by row. */
  readonly pixels: Uint8Array;
  readonly caption: string;
  readonly mark: "example" | "query" | "right" | "wrong";
}

/** A row of images with its name, for example the model that retrieved them. */
interface ImageRow {
  readonly label: string;
  readonly cells: readonly ImageCell[];
}

interface ImageGridOptions {
  /** Height and width of every image, pixels. */
  readonly shape: readonly [number, number];
  readonly title?: string;
  /** Side of every image on the page, pixels. */
  readonly size?: number;
}

/** The least width of the page, pixels, as all sizes here. */
const leastWidth = 400;

/** Left of the images, with or without names of rows, and above each row. */
const left = { named: 150, unnamed: 16 } as const;
const aboveRow = 8;

/** Beside an image and, for its caption, below it; further room between a query and its hits. */
const between = { x: 20, y: 50 } as const;
const queryGap = 18;

/** Characters of a line: of a caption and of the name of a row. */
const captionSpan = 14;
const labelSpan = 17;

const marks = {
  example: { colour: gridColour, sign: "" },
  query: { colour: ink, sign: "" },
  right: { colour: "#009E73", sign: "✓ " },
  wrong: { colour: "#D55E00", sign: "✗ " },
} as const;

/**
 * Rows of images with captions. Right hits are framed in green and have a tick, wrong ones in
 * orange-red with a cross; queries are framed in black.
 */
async function imageGrid(
  rows: readonly ImageRow[],
  { shape, title = "", size = 80 }: ImageGridOptions,
): Promise<Figure> {
  const x = rows.some(({ label }) => label !== "") ? left.named : left.unnamed;
  const rowHeight = size + between.y;
  const top = (index: number): number => aboveRow + index * rowHeight;
  const cells = rows.flatMap((row, index) => placed(row, { x, y: top(index), size }));
  const sources = await Promise.all(cells.map(({ cell }) => dataAddress(cell.pixels, shape, size)));
  const width = Math.max(leastWidth, ...cells.map((place) => place.x + size + between.x));
  return {
    data: [{ type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" }],
    layout: {
      ...pageOf({
        title,
        width,
        panels: { rows: rows.length, height: rowHeight },
        above: 6,
        axis: 0,
        left: 0,
        right: 0,
      }),
      xaxis: { range: [0, width], visible: false },
      yaxis: { range: [rows.length * rowHeight, 0], visible: false },
      images: cells.map((place, index) => picture(sources[index] ?? "", place)),
      shapes: cells.map(frame),
      annotations: [...cells.map(caption), ...rows.map(({ label }, index) => rowLabel(label, top(index) + size / 2))],
    },
  };
}

/** The top left corner of an image and its side. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

type PlacedCell = Place & { readonly cell: ImageCell };

/** A row's images from left to right, the hits at a distance from the query. */
function placed({ cells }: ImageRow, { x, y, size }: Place): readonly PlacedCell[] {
  return cells.map((cell, column) => {
    const apart = column > 0 && cells[0]?.mark === "query" ? queryGap : 0;
    return { cell, x: x + column * (size + between.x) + apart, y, size };
  });
}

async function dataAddress(
  pixels: Uint8Array,
  [height, width]: readonly [number, number],
  size: number,
): Promise<string> {
  if (pixels.length !== height * width * 3) {
    throw unexpected(`an image of ${height} x ${width}`, `${height * width * 3} RGB bytes`, pixels.length);
  }
  const factor = Math.max(1, Math.round((2 * size) / Math.max(height, width)));
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(width * factor, height * factor, { kernel: "nearest" })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}

function picture(source: string, { x, y, size }: Place): LayoutImage {
  const position = { x, y, xref: "x", yref: "y", xanchor: "left", yanchor: "top" } as const;
  return { source, ...position, sizex: size, sizey: size, sizing: "stretch", layer: "below" };
}

function frame({ cell: { mark }, x, y, size }: PlacedCell): Shape {
  const box = { x0: x - 2, x1: x + size + 2, y0: y - 2, y1: y + size + 2, xref: "x", yref: "y" };
  const line = { color: marks[mark].colour, width: mark === "right" || mark === "wrong" ? 4 : 2 };
  return { type: "rect", ...box, line, layer: "above" };
}

function caption({ cell: { mark, caption: text }, x, y, size }: PlacedCell): Annotation {
  const position = { x: x + size / 2, y: y + size + 4, xref: "x", yref: "y" };
  const font = { size: 12, color: mark === "right" || mark === "wrong" ? marks[mark].colour : ink };
  const lines = wrappedText(`${marks[mark].sign}${text}`, captionSpan);
  return { text: lines, ...position, showarrow: false, xanchor: "center", yanchor: "top", font };
}

function rowLabel(label: string, y: number): Annotation {
  const position = { x: 14, y, xref: "x", yref: "y", xanchor: "left", yanchor: "middle" } as const;
  return {
    text: wrappedText(label, labelSpan),
    ...position,
    showarrow: false,
    align: "left",
    font: { size: 13, color: ink },
  };
}

/** The first image of each class, with a row for each group of classes named "group/kind". */
export async function examplesFigure(split: ImageSplit, title = "An example of every class"): Promise<Figure> {
  const groups = [...new Set(split.classNames.map((name) => classParts(name).group))];
  const rows = await Promise.all(groups.map((group) => exampleRow(split, group)));
  return imageGrid(rows, { shape: [split.shape[0], split.shape[1]], title, size: 56 });
}

async function exampleRow(split: ImageSplit, group: string): Promise<ImageRow> {
  const members = [...split.classNames.keys()].filter((label) => classParts(nameOf(split, label)).group === group);
  const cells = members.map(async (label) => ({
    pixels: await split.pixels(split.labels.indexOf(label)),
    caption: classParts(nameOf(split, label)).kind,
    mark: "example" as const,
  }));
  return { label: group, cells: await Promise.all(cells) };
}

function nameOf({ classNames }: ImageSplit, label: number): string {
  return classNames[label] ?? "";
}

/** What one search found for an image: indices into the split, nearest first. */
export interface Search {
  readonly label: string;
  readonly found: ArrayLike<number>;
}

/**
 * One image searched for in several ways. Each search has a row: the query, then what was found,
 * which is right if it has the query's class.
 */
export async function retrievalFigure(
  searches: readonly Search[],
  { split, query, title = "" }: { readonly split: ImageSplit; readonly query: number; readonly title?: string },
): Promise<Figure> {
  const rows = await Promise.all(searches.map((search) => searchRow(search, split, query)));
  return imageGrid(rows, { shape: [split.shape[0], split.shape[1]], title });
}

async function searchRow({ label, found }: Search, split: ImageSplit, query: number): Promise<ImageRow> {
  const mark = (index: number) => (split.labels[index] === split.labels[query] ? "right" : "wrong");
  const hits = Array.from(found, (index) => imageCell(split, index, mark(index)));
  return { label, cells: await Promise.all([imageCell(split, query, "query"), ...hits]) };
}

async function imageCell(split: ImageSplit, index: number, mark: ImageCell["mark"]): Promise<ImageCell> {
  const caption = classLabel(split.classNames[split.labels[index] ?? -1] ?? "");
  return { pixels: await split.pixels(index), caption, mark };
}
