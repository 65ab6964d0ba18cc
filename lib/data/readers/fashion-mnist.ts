import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { oneOf } from "../../core/check";
import { readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { presentFolder } from "../fetching/dataset-state";
import { normalisationOf } from "../images/normalisation";
import type { Dataset, SplitSizes } from "../splits/dataset";
import { memorySplit, type StoredImages } from "../splits/memory-split";

/** 28 as published; 32 with a border of two dark pixels. */
export interface FashionMnistRecipe {
  readonly side: 28 | 32;
}

/** Images of the published files. */
export const fashionMnistSize: SplitSizes = { train: 60_000, test: 10_000 };

const sourceSide = 28;
const mostBytes = 16 + fashionMnistSize.train * sourceSide ** 2;
const classNames = [
  "t-shirt or top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;

/**
 * Fashion-MNIST from the folder of its four published files, in memory: grey, normalised by mean
 * and deviation of all training pixels.
 */
export async function fashionMnist({
  side,
  folder = presentFolder("fashion-mnist"),
}: FashionMnistRecipe & { readonly folder?: string }): Promise<Dataset> {
  oneOf("side of Fashion-MNIST", side, [28, 32]);
  const [train, test] = [await readPart(folder, "train", side), await readPart(folder, "t10k", side)];
  const normalisation = normalisationOf(train.images);
  return {
    train: memorySplit(train.images, train.labels, classNames, normalisation),
    test: memorySplit(test.images, test.labels, classNames, normalisation),
  };
}

async function readPart(
  folder: string,
  part: string,
  side: number,
): Promise<{ readonly images: StoredImages; readonly labels: Int32Array }> {
  const imagesPath = join(folder, `${part}-images-idx3-ubyte.gz`);
  const labelsPath = join(folder, `${part}-labels-idx1-ubyte.gz`);
  const { sizes, values } = parseIdx(imagesPath, await unzipped(imagesPath), 3);
  const labels = parseIdx(labelsPath, await unzipped(labelsPath), 1).values;
  const [count = 0, height, width] = sizes;
  if (height !== sourceSide || width !== sourceSide) {
    const fault = `has images of ${height} x ${width} instead of ${sourceSide} x ${sourceSide}`;
    throw new InputError({ file: imagesPath, fault });
  }
  if (count === 0 || labels.length !== count) {
    const fault = `has ${count} images and ${basename(labelsPath)} ${labels.length} labels`;
    throw new InputError({ file: imagesPath, fault });
  }
  const odd = labels.find((label) => label >= classNames.length);
  if (odd !== undefined) {
    throw new InputError({ file: labelsPath, fault: `has label ${odd}: 0 to ${classNames.length - 1} are allowed` });
  }
  return { images: bordered(values, count, side), labels: Int32Array.from(labels) };
}

async function unzipped(path: string): Promise<Buffer> {
  const content = await readRegularFile(path, { most: 2 * mostBytes });
  try {
    return gunzipSync(content, { maxOutputLength: mostBytes });
  } catch (cause) {
    const fault = `does not decompress to at most ${mostBytes} bytes: ${(cause as Error).message}`;
    throw new InputError({ file: path, fault, cause });
  }
}

/** The images in the middle of side x side, the rest 0. */
function bordered(values: Uint8Array, count: number, side: number): StoredImages {
  const border = (side - sourceSide) / 2;
  const placed = new Uint8Array(count * side * side);
  for (let row = 0; row < count * sourceSide; row++) {
    const image = Math.floor(row / sourceSide);
    const y = row % sourceSide;
    const target = image * side * side + (y + border) * side + border;
    placed.set(values.subarray(row * sourceSide, (row + 1) * sourceSide), target);
  }
  return { height: side, width: side, channels: 1, values: placed };
}

/** An IDX file of bytes: its sizes, slowest first, and its values in that order. */
interface Idx {
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
}

const unsignedBytes = 0x08;

/**
 * The content of an IDX file of unsigned bytes with the given number of dimensions. The header is
 * 0, 0, the type, the number of dimensions and the big-endian sizes. Throws InputError if the file
 * is foreign, cut or too long.
 */
function parseIdx(name: string, bytes: Buffer, dimensions: number): Idx {
  const header = 4 + 4 * dimensions;
  const refuse = (fault: string): InputError => new InputError({ file: name, fault });
  if (bytes.length < header) throw refuse(`is not an IDX file: ${bytes.length} bytes, its header has ${header}`);
  const magic = bytes.readUInt32BE(0);
  const expected = unsignedBytes * 256 + dimensions;
  if (magic !== expected) throw refuse(`is not an IDX file of bytes: magic number ${magic} instead of ${expected}`);
  const sizes = Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length - header !== count) {
    throw refuse(`has ${bytes.length - header} values instead of the ${sizes.join(" x ")} it declares`);
  }
  return { sizes, values: bytes.subarray(header) };
}
