import type { ImageSplit } from "../data/dataset";
import { classParts } from "./class-parts";
import type { Figure } from "./figure";
import { type ImageRow, imageGrid } from "./image-grid";

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
