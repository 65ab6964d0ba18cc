import { existsSync } from "node:fs";
import { join } from "node:path";
import { oneOf } from "../../core/check";
import { checkRegularFile, readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { presentFolder } from "../fetching/dataset-state";
import { normalisationOf } from "../images/normalisation";
import { contentHash } from "../splits/content-hash";
import type { Dataset, SplitSizes } from "../splits/dataset";
import { inCanonicalOrder, type LabelledImages, memorySplit, resizedSplit } from "../splits/memory-split";

export interface CifarRecipe {
  readonly name: "cifar-10" | "cifar-100";
  /** 32 as published; 224 is resized when an image is loaded. */
  readonly side: 32 | 224;
}

/** Images of CIFAR-10 and of CIFAR-100. */
export const cifarSize: SplitSizes = { train: 50_000, test: 10_000 };

/** Labelled images of one binary file. */
interface CifarImages {
  readonly labels: Int32Array;
  /** NHWC, 32 x 32 x 3 bytes an image. */
  readonly values: Uint8Array;
}

/** A binary file holds images: the labels of each, then a red, a green and a blue plane. */
interface CifarLayout {
  /** Bytes of an image's labels; the last one is the class. */
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  readonly images: number;
}

const side = 32;
const plane = side * side;

const files = {
  "cifar-10": {
    layout: { labelBytes: 1, classes: 10 },
    titles: "batches.meta.txt",
    train: [1, 2, 3, 4, 5].map((batch) => ({ file: `data_batch_${batch}.bin`, images: 10_000 })),
    test: [{ file: "test_batch.bin", images: 10_000 }],
  },
  "cifar-100": {
    layout: { labelBytes: 2, classes: 100 },
    titles: "fine_label_names.txt",
    train: [{ file: "train.bin", images: cifarSize.train }],
    test: [{ file: "test.bin", images: cifarSize.test }],
  },
} as const;

/**
 * CIFAR from the folder of its binary version, in memory. Labels are the fine ones. Class names are
 * the label numbers as text, as class folders would be named: their order as text decides which
 * classes are the first half. CIFAR-100 is in canonical order, whatever that of its files; CIFAR-10
 * is in the order of its files.
 */
export async function cifar({
  name,
  side: loadedSide,
  folder = presentFolder(name),
}: CifarRecipe & { readonly folder?: string }): Promise<Dataset> {
  oneOf("side of CIFAR", loadedSide, [32, 224]);
  const { layout, train, test, titles: titlesFile } = files[name];
  const read = async (parts: readonly { readonly file: string; readonly images: number }[]): Promise<LabelledImages> =>
    joined(await Promise.all(parts.map(({ file, images }) => readCifar(join(folder, file), { ...layout, images }))));
  const ordered = name === "cifar-100" ? inCanonicalOrder : (images: LabelledImages): LabelledImages => images;
  const [trainRead, testRead] = [ordered(await read(train)), ordered(await read(test))];
  const classNames = Array.from({ length: layout.classes }, (_, label) => String(label));
  const normalisation = normalisationOf(trainRead.images);
  const titles = await titlesIn(join(folder, titlesFile), layout.classes);
  const split = ({ images, labels }: LabelledImages): Dataset["train"] => ({
    ...memorySplit(images, labels, classNames, normalisation),
    ...(titles && { titles }),
  });
  const published = { train: split(trainRead), test: split(testRead) };
  if (loadedSide === side) return published;
  return {
    train: resizedSplit(published.train, loadedSide),
    test: resizedSplit(published.test, loadedSide),
    identity: () => contentHash(published),
  };
}

/** The lines of the file that says what the classes show; null unless it is there, one for each. */
async function titlesIn(path: string, classes: number): Promise<readonly string[] | null> {
  if (!existsSync(path)) return null;
  const lines = (await readRegularFile(path, { most: mostTitleBytes })).toString("utf8").trim().split(/\r?\n/);
  return lines.length === classes ? lines.map((line) => line.replaceAll("_", " ")) : null;
}

const mostTitleBytes = 10_000;

/** Reads a binary file if its length is right. */
async function readCifar(path: string, layout: CifarLayout): Promise<CifarImages> {
  const expected = checkedLength(path, layout);
  return parseCifar(path, await readRegularFile(path, { most: expected }), layout);
}

/** The images in a binary file's content. Throws InputError on a wrong label. */
function parseCifar(path: string, bytes: Uint8Array, layout: CifarLayout): CifarImages {
  const { labelBytes, images, classes } = layout;
  const record = labelBytes + 3 * plane;
  const labels = new Int32Array(images);
  const values = new Uint8Array(images * 3 * plane);
  for (let image = 0; image < images; image++) {
    const at = image * record + labelBytes;
    const label = bytes[at - 1] as number;
    if (!(label < classes)) {
      throw new InputError({
        file: path,
        place: `image ${image}`,
        fault: `has label ${label}: 0 to ${classes - 1} are allowed`,
      });
    }
    labels[image] = label;
    interleave(bytes.subarray(at, at + 3 * plane), values.subarray(image * 3 * plane, (image + 1) * 3 * plane));
  }
  return { labels, values };
}

/** The bytes of a binary file. Throws InputError unless its length is right. */
function checkedLength(path: string, { labelBytes, images }: CifarLayout): number {
  const expected = images * (labelBytes + 3 * plane);
  const length = checkRegularFile(path);
  if (length === expected) return expected;
  const fault = `is cut or foreign: it has ${length} bytes instead of ${expected} for ${images} images`;
  throw new InputError({ file: path, fault });
}

function interleave(planes: Uint8Array, target: Uint8Array): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      target[pixel * 3 + channel] = planes[channel * plane + pixel] as number;
  }
}

function joined(parts: readonly CifarImages[]): LabelledImages {
  const values = Buffer.concat(parts.map((part) => part.values));
  return {
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    images: { height: side, width: side, channels: 3, values },
  };
}
