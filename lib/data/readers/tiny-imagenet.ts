import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { oneOf, wholeNumber } from "../../core/check";
import { imageFiles } from "../../core/input/folder-entries";
import { readRegularFile, unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { presentFolder } from "../fetching/dataset-state";
import { normalisationOf } from "../images/normalisation";
import type { Dataset, SplitSizes } from "../splits/dataset";
import { memorySplit } from "../splits/memory-split";
import { brokenImages, readImages } from "./read-images";

/**
 * "tiny-imagenet": the published images of 64 x 64 pixels, as they are or averaged over areas to 32
 * x 32. "tiny-imagenet-32px": a copy that was reduced and stored as JPEG again, so that its pixels
 * differ. `classes`: how many, the first in the order of their synsets as text; null is all 200.
 */
export type TinyImagenetRecipe =
  | { readonly name: "tiny-imagenet"; readonly side: 32 | 64; readonly classes: number | null }
  | { readonly name: "tiny-imagenet-32px"; readonly side: 32; readonly classes: number | null };

/** Images of each split: 500 of a class in training and 50 in test. */
export function tinyImagenetSize({ classes }: Pick<TinyImagenetRecipe, "classes">): SplitSizes {
  return { train: 500 * (classes ?? 200), test: 50 * (classes ?? 200) };
}

/** An image file and its class among the chosen ones. */
interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

const sourceSides = { "tiny-imagenet": 64, "tiny-imagenet-32px": 32 } as const;

/**
 * Tiny-ImageNet from a folder in its published layout, in memory: `train` is its training split,
 * `test` its val split, class names are synsets. Normalised by mean and deviation of the chosen
 * classes' training pixels.
 */
export async function tinyImagenet({
  name,
  side,
  classes,
  folder = presentFolder(name),
  warn = console.warn,
}: TinyImagenetRecipe & {
  readonly folder?: string;
  readonly warn?: (message: string) => void;
}): Promise<Dataset> {
  const sourceSide = sourceSides[name];
  oneOf(`side of ${name}`, side, sourceSide === 32 ? [32] : [32, 64]);
  const synsets = await synsetsOf(folder);
  const chosen = synsets.slice(0, checkedCount(classes, synsets.length));
  const train = await trainingFiles(folder, chosen);
  const test = await validationFiles(folder, synsets, chosen);
  const broken = brokenImages(train.length + test.length);
  const read = async (files: readonly LabelledFile[]): ReturnType<typeof readImages> =>
    readImages(
      files.map(({ file }) => file),
      { side, sourceSide, broken },
    );
  const [trainRead, testRead] = [await read(train), await read(test)];
  const summary = broken.summary();
  if (summary !== null) warn(`Tiny-ImageNet: ${summary}`);
  const normalisation = normalisationOf(trainRead.images);
  const labels = (files: readonly LabelledFile[], kept: Int32Array): Int32Array =>
    kept.map((index) => files[index]?.label ?? -1);
  return {
    train: memorySplit(trainRead.images, labels(train, trainRead.kept), chosen, normalisation),
    test: memorySplit(testRead.images, labels(test, testRead.kept), chosen, normalisation),
  };
}

const mostListBytes = 2 ** 24;

/** The lines of a list. Throws InputError if it is missing. */
async function linesOf(path: string): Promise<readonly string[]> {
  const content = await readRegularFile(path, { most: mostListBytes });
  return content
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

async function synsetsOf(folder: string): Promise<readonly string[]> {
  const path = join(folder, "wnids.txt");
  const refuse = (fault: string): InputError => new InputError({ file: path, fault });
  const synsets = [...(await linesOf(path))];
  const odd = synsets.find((synset) => !/^n\d{8}$/.test(synset));
  if (odd !== undefined) throw refuse(`"${odd}" is not a synset: n and eight digits are allowed`);
  if (synsets.length === 0) throw refuse("names no synset");
  if (new Set(synsets).size < synsets.length) throw refuse("names a synset twice");
  return synsets.sort();
}

function checkedCount(classes: number | null, known: number): number {
  return classes === null ? known : wholeNumber("Tiny-ImageNet classes", classes, { least: 1, most: known });
}

async function trainingFiles(folder: string, synsets: readonly string[]): Promise<readonly LabelledFile[]> {
  const ofClass = async (synset: string, label: number): Promise<readonly LabelledFile[]> => {
    const place = join(folder, "train", synset, "images");
    const entries = await readdir(place, { withFileTypes: true }).catch((cause: unknown) => {
      throw unreadable(place, cause, "train/<synset>/images/*.JPEG is expected, as published");
    });
    const names = imageFiles(place, entries, /\.JPEG$/);
    if (names.length === 0) throw new InputError({ file: place, fault: "holds no *.JPEG" });
    return names.map((name) => ({ file: join(place, name), label }));
  };
  return (await Promise.all(synsets.map(ofClass))).flat();
}

async function validationFiles(
  folder: string,
  synsets: readonly string[],
  chosen: readonly string[],
): Promise<readonly LabelledFile[]> {
  const path = join(folder, "val", "val_annotations.txt");
  if (!existsSync(path)) {
    throw new InputError({
      file: path,
      fault: "there is no such file, which says the class of each image in val/images",
      remedy: "if val was moved into class folders, unpack the archive again: its published layout is read",
    });
  }
  const lines = await linesOf(path);
  const labelOf = new Map(synsets.map((synset, label) => [synset, label]));
  const files = lines.map((line) => {
    const [name = "", synset = ""] = line.split("\t");
    const label = labelOf.get(synset);
    if (label === undefined || !/^\w+\.JPEG$/.test(name)) {
      throw new InputError({ file: path, fault: `"${line}" is not "<name>.JPEG", tab, synset of wnids.txt` });
    }
    return { file: join(folder, "val", "images", name), label };
  });
  if (new Set(files.map(({ file }) => file)).size < files.length) {
    throw new InputError({ file: path, fault: "names an image twice" });
  }
  return files.filter(({ label }) => label < chosen.length);
}
