import sharp from "sharp";
import type { ImageSplit } from "../../data/splits/dataset";
import type { Annotation, Figure, LayoutImage, Shape } from "../plot/figure";
import { baseLayout } from "../plot/layout";
import { gridColour, ink } from "../plot/palette";
import { classLabel, classParts, wrappedText } from "../text/text";

/** An image to look at: `pixels` are RGB bytes row by row. A query stands apart; a hit is right or wrong. */
interface ImageCell {
  readonly pixels: Uint8Array;
  readonly caption: string;
  readonly mark: "example" | "query" | "right" | "wrong";
}

/** A row of images with a name of its own, for example the model that retrieved them. */
interface ImageRow {
  readonly label: string;
  readonly cells: readonly ImageCell[];
}

interface ImageGridOptions {
  /** Height and width of every image, pixels. */
  readonly shape: readonly [number, number];
  readonly title?: string;
  /** Side of every image as it is shown, pixels. */
  readonly size?: number;
}

/** Room beside and below an image for its frame and caption, pixels. */
const between = { x: 20, y: 50 };
const marks = {
  example: { colour: gridColour, sign: "" },
  query: { colour: ink, sign: "" },
  right: { colour: "#009E73", sign: "✓ " },
  wrong: { colour: "#D55E00", sign: "✗ " },
} as const;

/** Retrieved images shown as images: framed green with a tick where right, orange-red with a cross where wrong, queries in black. */
export async function imageGrid(
  rows: readonly ImageRow[],
  { shape, title = "", size = 80 }: ImageGridOptions,
): Promise<Figure> {
  const left = rows.some(({ label }) => label !== "") ? 150 : 16;
  const top = (index: number): number => 8 + index * (size + between.y);
  const cells = rows.flatMap((row, index) => placed(row, { x: left, y: top(index), size }));
  const sources = await Promise.all(cells.map(({ cell }) => dataAddress(cell.pixels, shape, size)));
  const width = Math.max(400, ...cells.map(({ x }) => x + size + between.x));
  const plot = rows.length * (size + between.y);
  return {
    data: [{ type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" }],
    layout: {
      ...baseLayout({ width, plot, above: 6, below: 0, left: 0, right: 0 }, title),
      xaxis: { range: [0, width], visible: false },
      yaxis: { range: [plot, 0], visible: false },
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

/** A row's images from left to right, the hits set off from the query. */
function placed({ cells }: ImageRow, { x, y, size }: Place): readonly PlacedCell[] {
  return cells.map((cell, column) => {
    const apart = column > 0 && cells[0]?.mark === "query" ? 18 : 0;
    return { cell, x: x + column * (size + between.x) + apart, y, size };
  });
}

async function dataAddress(
  pixels: Uint8Array,
  [height, width]: readonly [number, number],
  size: number,
): Promise<string> {
  if (pixels.length !== height * width * 3) {
    throw new RangeError(`an image of ${height} x ${width} has ${height * width * 3} RGB bytes, got ${pixels.length}`);
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
  const lines = wrappedText(`${marks[mark].sign}${text}`, 14);
  return { text: lines, ...position, showarrow: false, xanchor: "center", yanchor: "top", font };
}

function rowLabel(label: string, y: number): Annotation {
  const position = { x: 14, y, xref: "x", yref: "y", xanchor: "left", yanchor: "middle" } as const;
  return { text: wrappedText(label, 17), ...position, showarrow: false, align: "left", font: { size: 13, color: ink } };
}

/** The first image of every class, a row for each group of classes "group/kind". */
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

/** What one search found for an image: indices of the split, nearest first. */
export interface Search {
  readonly label: string;
  readonly found: ArrayLike<number>;
}

/** One image searched for in several ways, a row a search: the query, then what was found, right where the class is the query's. */
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
