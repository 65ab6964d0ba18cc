import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { presentFolder } from "../fetching/dataset-state";
import type { Dataset } from "../splits/dataset";
import { memorySplit, normalisationOf, resizedSplit, type StoredImages } from "../splits/memory-split";

export interface CifarRecipe {
  readonly name: "cifar-10" | "cifar-100";
  /** 32 as published; 224 is resized when an image is loaded. */
  readonly side: 32 | 224;
}

/** Labelled images of one binary file. */
interface CifarImages {
  readonly labels: Int32Array;
  /** NHWC, 32 x 32 x 3 bytes an image. */
  readonly values: Uint8Array;
}

/** What a binary file holds: so many images, each of label bytes, the last of which is the class, then red, green and blue planes. */
interface CifarLayout {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  readonly images: number;
}

const side = 32;
const plane = side * side;

const files = {
  "cifar-10": {
    layout: { labelBytes: 1, classes: 10, images: 10_000 },
    train: [1, 2, 3, 4, 5].map((batch) => ({ file: `data_batch_${batch}.bin`, images: 10_000 })),
    test: [{ file: "test_batch.bin", images: 10_000 }],
  },
  "cifar-100": {
    layout: { labelBytes: 2, classes: 100, images: 50_000 },
    train: [{ file: "train.bin", images: 50_000 }],
    test: [{ file: "test.bin", images: 10_000 }],
  },
} as const;

/**
 * CIFAR of the folder of its binary version, in memory. Labels are the fine ones; class names are the label numbers as text, as class folders
 * would be named: their order as text decides which classes are the first half.
 */
export async function cifar({
  name,
  side: loadedSide,
  folder = presentFolder(name),
}: CifarRecipe & { readonly folder?: string }): Promise<Dataset> {
  if (loadedSide !== 32 && loadedSide !== 224) {
    throw new RangeError(`CIFAR side ${loadedSide}: 32 and 224 are allowed`);
  }
  const { layout, train, test } = files[name];
  const read = async (parts: readonly { readonly file: string; readonly images: number }[]): Promise<CifarImages> =>
    joined(await Promise.all(parts.map(({ file, images }) => readCifar(join(folder, file), { ...layout, images }))));
  const [trainRead, testRead] = [await read(train), await read(test)];
  const classNames = Array.from({ length: layout.classes }, (_, label) => String(label));
  const normalisation = normalisationOf(stored(trainRead));
  const split = (images: CifarImages): Dataset["train"] =>
    resizedSplit(memorySplit(stored(images), images.labels, classNames, normalisation), loadedSide);
  return { train: split(trainRead), test: split(testRead) };
}

/** Reads a binary file once its length is known to be right. */
async function readCifar(path: string, layout: CifarLayout): Promise<CifarImages> {
  checkLength(path, (await stat(path)).size, layout);
  return parseCifar(path, await readFile(path), layout);
}

/** The images of a binary file's content. Throws, naming the file, on another length or an unknown label. */
export function parseCifar(path: string, bytes: Uint8Array, layout: CifarLayout): CifarImages {
  checkLength(path, bytes.length, layout);
  const { labelBytes, images, classes } = layout;
  const record = labelBytes + 3 * plane;
  const labels = new Int32Array(images);
  const values = new Uint8Array(images * 3 * plane);
  for (let image = 0; image < images; image++) {
    const at = image * record + labelBytes;
    labels[image] = bytes[at - 1] ?? 0;
    if ((labels[image] ?? 0) >= classes) {
      throw new Error(
        `${path} is no CIFAR file: image ${image} has label ${labels[image]}, 0 to ${classes - 1} are allowed`,
      );
    }
    interleave(bytes.subarray(at, at + 3 * plane), values.subarray(image * 3 * plane, (image + 1) * 3 * plane));
  }
  return { labels, values };
}

function checkLength(path: string, length: number, { labelBytes, images }: CifarLayout): void {
  const expected = images * (labelBytes + 3 * plane);
  if (length !== expected) {
    throw new Error(
      `${path} is cut or no CIFAR file: it has ${length} bytes instead of ${expected} for ${images} images`,
    );
  }
}

function interleave(planes: Uint8Array, target: Uint8Array): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) target[pixel * 3 + channel] = planes[channel * plane + pixel] ?? 0;
  }
}

function joined(parts: readonly CifarImages[]): CifarImages {
  return {
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    values: Buffer.concat(parts.map(({ values }) => values)),
  };
}

function stored({ values }: CifarImages): StoredImages {
  return { height: side, width: side, channels: 3, values };
}
