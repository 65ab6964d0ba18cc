import { basename } from "node:path";
import { z } from "zod";
import { unexpected } from "../core/check";
import { hashOf } from "../core/hash";
import { type FolderRecipe, folderDataset } from "../data/readers/own-images";
import type { Table } from "./table";

/** The images of a user that take the place of a table's. */
export interface OwnImages {
  /** The full path of the folder. */
  readonly path: string;
  /** Of the squares that images become, in pixels: a multiple of 16. */
  readonly side: number;
  /** Whether the test images are of classes that no model has seen. */
  readonly disjoint: boolean;
}

/** For the way through an environment variable. */
export const ownImagesSchema: z.ZodType<OwnImages> = z.strictObject({
  path: z.string(),
  side: z.int(),
  disjoint: z.boolean(),
});

/**
 * The table on a user's own images; the table itself without any. Its id and title say on which:
 * the id ends in a hash of the images' bytes, so that no result is taken for another's, and none
 * for the committed one. Throws RangeError if the table's rows are tied to its dataset, and
 * InputError on images that cannot be used.
 */
export async function onOwnImages(
  table: Table,
  images: OwnImages | null,
  warn: (message: string) => void = console.warn,
): Promise<Table> {
  if (images === null) return table;
  const { onImages } = table;
  if (onImages === undefined) throw unexpected("table on own images", "main", table.id);
  if (images.side % 16 !== 0) throw unexpected("side of own images", "a multiple of 16", images.side);
  const recipe = await folderDataset(images.path, images, { warn });
  const words = wordsFor(recipe);
  return {
    id: `${table.id}-on-${slugOf(recipe)}`,
    formOf: table.id,
    title: `${table.title}, on the images of ${basename(recipe.path)}`,
    notebook: table.notebook,
    scales: { quick: { seeds: 1, dataset: words }, laptop: { seeds: 1, dataset: words } },
    // The means over seen and unseen classes are no columns here; there may be only one kind.
    rows: (scale, seed) => onImages(recipe, { scale, seed }).map(({ measurements: _, ...row }) => row),
    gap: table.gap,
    notes: [`Own images (${words}), which no publication reports on; half of the classes are drawn by each seed.`],
  };
}

function wordsFor({ path, side, classes, train, test, disjoint }: FolderRecipe): string {
  const half = Math.floor(classes / 2);
  const tested = disjoint ? "images of other classes" : "images";
  return `${basename(path)}, ${half} -> ${classes} classes, ${train} training and ${test} test ${tested}, ${side} x ${side} pixels`;
}

/** The folder's name, and a hash of its images and of how they are divided and cut. */
function slugOf({ path, ...recipe }: FolderRecipe): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return [name, hashOf(recipe).slice(0, 8)].filter((part) => part !== "").join("-");
}
