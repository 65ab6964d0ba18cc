import { fraction, wholeNumber } from "../../core/check";
import { readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { loadAhead } from "../../core/load-ahead";
import { type ImageTrait, squareImage } from "../decoding/square-image";
import { normalisationOf } from "../images/normalisation";
import type { Dataset } from "../splits/dataset";
import { type LabelledImages, memorySplit } from "../splits/memory-split";
import { type Listening, type OwnFile, ownFiles, some } from "./own-files";
import { contentOf, type OwnDivision, type OwnSplit, ownSplit } from "./own-split";

/**
 * A user's own images, as `folderDataset` describes them: `content` is a hash of their classes and
 * bytes, so that what is trained on them is not taken for what is trained on others.
 */
export interface FolderRecipe extends OwnDivision {
  readonly name: "folder";
  readonly path: string;
  /** Of the squares that images become, in pixels. */
  readonly side: number;
  readonly content: string;
  /** How many classes there are to train on, and how many image files. */
  readonly classes: number;
  readonly train: number;
  readonly test: number;
}

/** How images are read and divided; see OwnDivision. */
export interface FolderOptions extends Partial<OwnDivision> {
  /** 64 by default. */
  readonly side?: number;
}

const mostBytesHeld = 2 ** 32;

/**
 * The recipe of a folder of images: train/<class>/* and test/<class>/* (or val), or one tree
 * <class>/* of which a share (0.2) of each class is drawn by a seed (0) for testing; if `disjoint`,
 * a share of the classes. JPEG, PNG, WebP, TIFF and GIF files are read. Every file's bytes are
 * hashed. Throws InputError on a folder that is not so, RangeError on an option out of range.
 */
export async function folderDataset(
  path: string,
  { side = 64, testShare = 0.2, seed = 0, disjoint = false }: FolderOptions = {},
  listening: Listening = { warn: console.warn },
): Promise<FolderRecipe> {
  wholeNumber("side in pixels", side, { least: 8, most: 1024 });
  wholeNumber("seed", seed, { least: 0 });
  const division = { testShare: fraction("test share", testShare), seed, disjoint };
  const split = await splitOf(path, division, listening);
  const { trainClasses, train, test } = split;
  const bytes = (train.length + test.length) * side * side * 3;
  if (bytes > mostBytesHeld) {
    const fault = `${train.length + test.length} images of ${side} x ${side} take ${(bytes / 2 ** 30).toFixed(1)} GiB of memory, 4 are allowed`;
    throw new InputError({ file: path, fault, remedy: "choose a smaller side" });
  }
  const sizes = { classes: trainClasses.length, train: train.length, test: test.length };
  return { name: "folder", path, side, ...division, content: contentOf(split), ...sizes };
}

async function splitOf(path: string, division: OwnDivision, listening: Listening): Promise<OwnSplit> {
  return ownSplit(path, await ownFiles(path, listening), { division, warn: listening.warn });
}

/**
 * The images of a recipe, in memory, in the order of class and bytes. Normalised by mean and
 * deviation of all training pixels. Throws InputError if the files are no longer those of the
 * recipe, or more than one in a hundred cannot be read; fewer are left out and named.
 */
export async function ownImages(
  { path, side, content, testShare, seed, disjoint }: FolderRecipe,
  { warn = console.warn }: { readonly warn?: (message: string) => void } = {},
): Promise<Dataset> {
  const split = await splitOf(path, { testShare, seed, disjoint }, { warn: () => {} });
  if (contentOf(split) !== content) {
    const fault = "its images are not those that the recipe was made of";
    throw new InputError({ file: path, fault, remedy: "describe the folder again, by folderDataset or --dataset" });
  }
  const notes = notesOf(split.train.length + split.test.length);
  const train = await decoded(split.train, { side, classes: split.trainClasses, notes });
  const test = await decoded(split.test, { side, classes: split.testClasses, notes });
  notes.report(path, warn);
  checkClasses(path, "training", train, split.trainClasses);
  const normalisation = normalisationOf(train.images);
  return {
    train: memorySplit(train.images, train.labels, split.trainClasses, normalisation),
    test: memorySplit(test.images, test.labels, split.testClasses, normalisation),
  };
}

const mostBytes = 2 ** 28;
const atOnce = 8;

interface Decoding {
  readonly side: number;
  readonly classes: readonly string[];
  readonly notes: Notes;
}

async function decoded(files: readonly OwnFile[], { side, classes, notes }: Decoding): Promise<LabelledImages> {
  const size = side * side * 3;
  const values = new Uint8Array(files.length * size);
  const labels: number[] = [];
  const decode = async (file: OwnFile) => {
    const content = await readRegularFile(file.path, { most: mostBytes });
    return { file, image: await squareImage(content, side).catch((error: unknown) => error as Error) };
  };
  for await (const { file, image } of loadAhead(files, decode, atOnce - 1)) {
    if (image instanceof Error) notes.broken(file.path, image);
    else {
      values.set(image.pixels, labels.length * size);
      labels.push(classes.indexOf(file.className));
      for (const trait of image.traits) notes.trait(trait, file.path);
    }
  }
  const images = { height: side, width: side, channels: 3, values: values.subarray(0, labels.length * size) } as const;
  return { images, labels: Int32Array.from(labels) };
}

function checkClasses(path: string, split: string, { labels }: LabelledImages, classes: readonly string[]): void {
  const present = new Set(labels);
  const lost = classes.filter((_, label) => !present.has(label));
  if (lost.length === 0) return;
  const fault = `no ${split} image of ${some(lost)} can be read`;
  throw new InputError({ file: path, fault, remedy: "add images that open, or remove the class" });
}

/** What is found about the files of a dataset, counted and named. */
interface Notes {
  readonly broken: (path: string, error: Error) => void;
  readonly trait: (trait: ImageTrait, path: string) => void;
  /** Throws InputError, naming them, if more than one image in a hundred cannot be read. */
  readonly report: (folder: string, warn: (message: string) => void) => void;
}

function notesOf(total: number): Notes {
  const broken: string[] = [];
  const traits = new Map<ImageTrait, { readonly first: string; count: number }>();
  return {
    broken: (path, { message }) => void broken.push(`${path} (${message.split("\n", 1)[0]})`),
    trait: (trait, path) => {
      const found = traits.get(trait) ?? { first: path, count: 0 };
      found.count++;
      traits.set(trait, found);
    },
    report: (folder, warn) => {
      const said = `${broken.length} of ${total} images cannot be read: ${some(broken)}`;
      if (broken.length * 100 > total) {
        const remedy = "remove or mend them; up to one in a hundred would be left out";
        throw new InputError({ file: folder, fault: said, remedy });
      }
      if (broken.length > 0) warn(`${folder}: ${said}; they are left out`);
      const seen = [...traits].map(([trait, { first, count }]) => `${count} ${trait} (${first})`);
      if (seen.length > 0) warn(`${folder}: of ${total} images ${seen.join("; ")}`);
    },
  };
}
