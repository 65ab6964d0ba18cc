import type { ImageSplit } from "../data/dataset";
import { classLabel } from "./class-parts";
import type { Figure } from "./figure";
import { type ImageCell, type ImageRow, imageGrid } from "./image-grid";

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
