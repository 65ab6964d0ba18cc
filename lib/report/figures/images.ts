import sharp from "sharp";
import { unexpected } from "../../core/check";
import type { ImageSplit } from "../../data/splits/dataset";
import type { Annotation, Figure, LayoutImage, Shape } from "../plot/figure";
import { pageOf, pageWidth } from "../plot/layout";
import { gridColour, ink } from "../plot/palette";
import { brokenText } from "../plot/text-width";
import { classLabel, classParts } from "../text/text";
import {
  captionGap,
  type GridText,
  gridOf,
  type ImageCell,
  type ImageRow,
  type PlacedCell,
  signs,
} from "./parts/image-grid";

interface ImageGridOptions {
  /** Height and width of every image, pixels. */
  readonly shape: readonly [number, number];
  readonly title?: string;
  /** Side of every image on the page, pixels. */
  readonly size?: number;
  /** What kind of figure it is, for the alternative text. */
  readonly kind?: string;
}

const marks = {
  example: { colour: gridColour },
  query: { colour: ink },
  right: { colour: "#00785A" },
  wrong: { colour: "#C25200" },
} as const;

const tileGrey = 225;

function inWords({ label, cells }: ImageRow): string {
  const named = cells.map(({ mark, caption: text }) => `${signs[mark]}${text}`).join(", ");
  return label === "" ? named : `${label}: ${named}`;
}

/**
 * Rows of images with captions, as many beside each other as the page holds. If every row has the
 * same captions, they stand once, above. Right hits are framed in green and have a tick, wrong ones
 * in orange-red with a cross; queries are framed in black.
 */
async function imageGrid(
  rows: readonly ImageRow[],
  { shape, title = "", size = 64, kind = "Images" }: ImageGridOptions,
): Promise<Figure> {
  const grid = gridOf(rows, size);
  const sources = await Promise.all(grid.cells.map(({ cell }) => dataAddress(cell.pixels, shape, size)));
  return {
    data: [{ type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" }],
    layout: {
      ...pageOf({
        title,
        described: { kind, items: rows.map(inWords) },
        panels: { rows: 1, height: grid.height },
        above: 6,
        axis: 0,
        left: 0,
        right: 0,
      }),
      xaxis: { range: [0, pageWidth], visible: false },
      yaxis: { range: [grid.height, 0], visible: false },
      images: grid.cells.map((place, index) => picture(sources[index] ?? "", place)),
      shapes: grid.cells.map(frame),
      annotations: [...grid.cells.flatMap(caption), ...grid.texts.map(written)],
    },
  };
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

function picture(source: string, { x, y, size }: PlacedCell): LayoutImage {
  const position = { x, y, xref: "x", yref: "y", xanchor: "left", yanchor: "top" } as const;
  return { source, ...position, sizex: size, sizey: size, sizing: "stretch", layer: "below" };
}

function frame({ cell: { mark }, x, y, size }: PlacedCell): Shape {
  const box = { x0: x - 2, x1: x + size + 2, y0: y - 2, y1: y + size + 2, xref: "x", yref: "y" };
  const stroke = { color: marks[mark].colour, width: mark === "right" || mark === "wrong" ? 4 : 2 };
  return { type: "rect", ...box, line: stroke, layer: "above" };
}

function caption({ cell: { mark }, lines, x, y, size }: PlacedCell): readonly Annotation[] {
  const position = { x: x + size / 2, y: y + size + captionGap, xref: "x", yref: "y" };
  const font = mark === "right" || mark === "wrong" ? { color: marks[mark].colour } : {};
  if (lines.length === 0) return [];
  return [{ text: brokenText(lines), ...position, showarrow: false, xanchor: "center", yanchor: "top", font }];
}

function written({ lines, x, y, centred }: GridText): Annotation {
  const position = { x, y, xref: "x", yref: "y", showarrow: false } as const;
  const anchor = centred
    ? ({ xanchor: "center", yanchor: "bottom" } as const)
    : ({ xanchor: "left", yanchor: "middle" } as const);
  return { text: brokenText(lines), ...position, ...anchor, align: centred ? "center" : "left" };
}

/**
 * The first image of each class, with a row for each group of classes named "group/kind". Images of
 * people are never shown: a plain tile stands for each.
 */
export async function examplesFigure(split: ImageSplit, title = "An example of every class"): Promise<Figure> {
  const groups = [...new Set(split.classNames.map((name) => classParts(name).group))];
  const rows = await Promise.all(groups.map((group) => exampleRow(split, group)));
  const shape = [split.shape[0], split.shape[1]] as const;
  return imageGrid(rows, { shape, title: titleOf(split, title), size: 56, kind: "Examples" });
}

async function exampleRow(split: ImageSplit, group: string): Promise<ImageRow> {
  const members = [...split.classNames.keys()].filter((label) => classParts(nameOf(split, label)).group === group);
  const cells = members.map(async (label) => ({
    pixels: await visiblePixels(split, split.labels.indexOf(label)),
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
 * which is right if it has the query's class. Images of people are never shown: a plain tile stands
 * for each.
 */
export async function retrievalFigure(
  searches: readonly Search[],
  { split, query, title = "" }: { readonly split: ImageSplit; readonly query: number; readonly title?: string },
): Promise<Figure> {
  const rows = await Promise.all(searches.map((search) => searchRow(search, split, query)));
  const shape = [split.shape[0], split.shape[1]] as const;
  return imageGrid(rows, { shape, title: titleOf(split, title), kind: "Search results" });
}

async function searchRow({ label, found }: Search, split: ImageSplit, query: number): Promise<ImageRow> {
  const mark = (index: number) => (split.labels[index] === split.labels[query] ? "right" : "wrong");
  const hits = Array.from(found, (index) => imageCell(split, index, mark(index)));
  return { label, cells: await Promise.all([imageCell(split, query, "query"), ...hits]) };
}

async function imageCell(split: ImageSplit, index: number, mark: ImageCell["mark"]): Promise<ImageCell> {
  const caption = classLabel(split.classNames[split.labels[index] ?? -1] ?? "");
  return { pixels: await visiblePixels(split, index), caption, mark };
}

/** An image; a plain tile in its place if the split's images are never shown. */
async function visiblePixels(split: ImageSplit, index: number): Promise<Uint8Array> {
  const [height, width] = split.shape;
  return split.shown === false ? new Uint8Array(height * width * 3).fill(tileGrey) : split.pixels(index);
}

function titleOf({ shown }: ImageSplit, title: string): string {
  return shown === false ? `${title}${title === "" ? "" : "; "}images of people are not shown` : title;
}
