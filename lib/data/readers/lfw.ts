import { join } from "node:path";
import { oneOf } from "../../core/check";
import { InputError } from "../../core/input-error";
import { presentFolder } from "../fetching/dataset-state";
import { normalisationOf } from "../images/normalisation";
import type { Dataset, ImageSplit, SplitSizes } from "../splits/dataset";
import { listImages } from "../splits/files-split";
import { inCanonicalOrder, type LabelledImages, memorySplit } from "../splits/memory-split";
import { brokenImages, readImages } from "./read-images";

/**
 * Labelled Faces in the Wild (deep-funnelled), cut to the face and reduced to 64 x 64 pixels; at 32
 * it is averaged over areas. Tested on the persons of training by default, or on others, whom no
 * model has seen.
 */
export interface LfwRecipe {
  readonly name: "lfw-64px";
  readonly side: 32 | 64;
  readonly test?: "other persons";
}

/** Images of 158 persons in training and test, or in test of 1,522 others. */
export function lfwSize({ test }: Pick<LfwRecipe, "test">): SplitSizes {
  return { train: 3_517, test: test === undefined ? 807 : 4_840 };
}

/** The images of a folder with the names of their classes. */
interface ReadPersons extends LabelledImages {
  readonly classNames: readonly string[];
}

const sourceSide = 64;

/**
 * LFW from the folders train, test and open of its reduced copy, in memory and in canonical order.
 * Classes are persons, named by the number of their folder. Normalised by mean and deviation of all
 * training pixels. The images are of real people and are never shown.
 */
export async function lfw({
  side,
  test: tested,
  folder = presentFolder("lfw-64px"),
  warn = console.warn,
}: Pick<LfwRecipe, "side" | "test"> & {
  readonly folder?: string;
  readonly warn?: (message: string) => void;
}): Promise<Dataset> {
  oneOf("side of LFW", side, [32, 64]);
  const train = await readPersons(join(folder, "train"), side, warn);
  const test = await readPersons(join(folder, tested === undefined ? "test" : "open"), side, warn);
  checkPersons(folder, train, test, tested);
  const normalisation = normalisationOf(train.images);
  const split = ({ images, labels, classNames }: ReadPersons): ImageSplit => ({
    ...memorySplit(images, labels, classNames, normalisation),
    shown: false,
  });
  return { train: split(train), test: split(test) };
}

async function readPersons(folder: string, side: number, warn: (message: string) => void): Promise<ReadPersons> {
  const { classNames, labels, path } = await listImages(folder);
  const broken = brokenImages(labels.length);
  const files = Array.from(labels.keys(), path);
  const { images, kept } = await readImages(files, { side, sourceSide, broken });
  const summary = broken.summary();
  if (summary !== null) warn(`LFW: ${summary}`);
  return { classNames, ...inCanonicalOrder({ images, labels: kept.map((index) => labels[index] as number) }) };
}

/** The same persons in training and test; or, in the test of others, none of them. */
function checkPersons(
  folder: string,
  { classNames: trained }: ReadPersons,
  { classNames: found }: ReadPersons,
  tested: LfwRecipe["test"],
): void {
  const known = new Set(trained);
  if (tested !== undefined) {
    const again = found.filter((name) => known.has(name));
    if (again.length > 0) refuse(join(folder, "open"), `has persons of train: ${named(again)}`);
    return;
  }
  const others = [...found.filter((name) => !known.has(name)), ...trained.filter((name) => !found.includes(name))];
  if (others.length > 0) refuse(join(folder, "test"), `has not the persons of train: ${named(others)}`);
}

function refuse(file: string, fault: string): never {
  throw new InputError({ file, fault, remedy: "move the folder away and run: npm run fct -- data get lfw-64px" });
}

function named(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}
