import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import sharp from "sharp";
import { sha256 } from "../../../lib/core/hash";
import { random } from "../../../lib/core/random";
import { decodeImage } from "../../../lib/data/decoding/decode-image";
import { cifar } from "../../../lib/data/readers/cifar";
import { fashionMnist } from "../../../lib/data/readers/fashion-mnist";
import { lfw } from "../../../lib/data/readers/lfw";
import { brokenImages, readImages } from "../../../lib/data/readers/read-images";
import { tinyImagenet } from "../../../lib/data/readers/tiny-imagenet";
import { ucMerced } from "../../../lib/data/readers/uc-merced";
import type { Dataset } from "../../../lib/data/splits/dataset";
import { tarGz } from "../../data/fetching/archives";
import { crc32 } from "../../zip-writer";
import type { FuzzTarget, Valid } from "../fuzz-target";
import { withChecksums } from "./archives";
import { bytesDigest } from "./digest";

const stream = random("fuzz", "datasets");
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => stream.integer(256));

/** Labels and pixels of both splits. */
async function datasetText({ train, test }: Dataset): Promise<string> {
  const texts: string[] = [];
  for (const { labels, pixels } of [train, test]) {
    const images: Uint8Array[] = [];
    for (let i = 0; i < labels.length; i++) images.push(await pixels(i));
    texts.push(`${[...labels].join(",")} ${bytesDigest(Buffer.concat(images))}`);
  }
  return texts.join("\n");
}

function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  sizes.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, values]);
}

const idxFiles = {
  "train-images-idx3-ubyte.gz": idx([3, 28, 28], noise(3 * 28 * 28)),
  "train-labels-idx1-ubyte.gz": idx([3], Uint8Array.of(0, 9, 4)),
  "t10k-images-idx3-ubyte.gz": idx([2, 28, 28], noise(2 * 28 * 28)),
  "t10k-labels-idx1-ubyte.gz": idx([2], Uint8Array.of(1, 2)),
};

/** Fashion-MNIST's four files; the mutations are outside or inside of gzip. */
export const idxTarget: FuzzTarget = {
  name: "idx",
  beside: async () => Object.fromEntries(Object.entries(idxFiles).map(([name, content]) => [name, gzipSync(content)])),
  valid: async () =>
    Object.entries(idxFiles).flatMap(([file, content]) => [
      { file, bytes: gzipSync(content) },
      { file, bytes: content, finish: (mutated: Buffer) => gzipSync(mutated) },
    ]),
  read: async (path) => datasetText(await fashionMnist({ side: 28, folder: dirname(path) })),
};

/** Three records, as many as test/attack/run.mjs makes of the published numbers. */
function cifarFile(labelBytes: 1 | 2): Uint8Array {
  const records = [3, 0, 9].map((label) => [...(labelBytes === 1 ? [] : [7]), label, ...noise(3072)]);
  return Uint8Array.from(records.flat());
}

export const cifarTarget: FuzzTarget = {
  name: "cifar",
  beside: async () => {
    const batches = [1, 2, 3, 4, 5].map((batch) => [`data_batch_${batch}.bin`, cifarFile(1)] as const);
    const hundred = { "train.bin": cifarFile(2), "test.bin": cifarFile(2) };
    return { ...Object.fromEntries(batches), "test_batch.bin": cifarFile(1), ...hundred };
  },
  valid: async () => [
    { file: "data_batch_2.bin", bytes: cifarFile(1) },
    { file: "test.bin", bytes: cifarFile(2) },
  ],
  read: async (path) => {
    const name = path.endsWith("/test.bin") ? "cifar-100" : "cifar-10";
    return datasetText(await cifar({ name, side: 32, folder: dirname(path) }));
  },
};

const side = 16;

/** A picture, so that JPEG keeps it, in every format that an image file may be, and in some that it may not. */
async function pictures(): Promise<readonly Valid[]> {
  const values = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7) % 256);
  const image = sharp(values, { raw: { width: side, height: side, channels: 3 } });
  const png = await image.clone().png().toBuffer();
  return [
    { file: "a.jpg", bytes: await image.clone().jpeg({ quality: 90 }).toBuffer() },
    { file: "a.jpg", bytes: await image.clone().jpeg({ progressive: true }).toBuffer() },
    { file: "a.png", bytes: png },
    { file: "a.png", bytes: png, finish: withPngChecksums },
    { file: "a.png", bytes: await image.clone().greyscale().png().toBuffer(), finish: withPngChecksums },
  ];
}

/** Every chunk of a PNG gets the CRC-32 of its content. */
function withPngChecksums(png: Buffer): Buffer {
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    if (end + 4 > png.length) break;
    png.writeUInt32BE(crc32(png.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return png;
}

/** What the first bytes say; the independent reader knows no other formats. */
function formatOf(path: string): string {
  return readFileSync(path)[0] === 0xff ? "JPEG" : "PNG";
}

/** The decoder of training images, which crops and resizes. */
export const imageTarget: FuzzTarget = {
  name: "image",
  valid: pictures,
  read: async (path) => {
    await decodeImage(path, { kind: "centre", side: 8, mirrored: false });
    return formatOf(path);
  },
};

/** The decoder of small datasets, which keeps every pixel. */
export const coloursTarget: FuzzTarget = {
  name: "colours",
  valid: pictures,
  read: async (path) => {
    const { images } = await readImages([path], { side, sourceSide: side, broken: brokenImages(1) });
    return formatOf(path) === "JPEG" ? "JPEG" : `PNG ${bytesDigest(images.values)}`;
  },
};

/** A picture of 64 x 64 pixels. */
async function largePicture(): Promise<Buffer> {
  const values = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 5) % 256);
  return sharp(values, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** UC Merced's archive, whose checksum is always right; the mutations are of the archive or of the tar in it. */
export const ucMercedTarget: FuzzTarget = {
  name: "uc-merced",
  valid: async () => {
    const jpeg = await largePicture();
    const entries = ["train", "test"].flatMap((split) =>
      ["beach", "river"].map((name) => ({ name: `ucmerced/${split}/${name}/${name}00.jpg`, content: jpeg })),
    );
    const tar = gunzipSync(await tarGz(entries));
    return [
      { file: "a.tar.xz", bytes: xz(tar) },
      { file: "a.tar.xz", bytes: tar, finish: (mutated) => xz(withChecksums(mutated)) },
    ];
  },
  read: async (path, out) => {
    const bytes = readFileSync(path);
    const name = "ucmerced-64.tar.xz";
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, name), bytes);
    writeFileSync(
      join(out, "checksums.json"),
      JSON.stringify({ [name]: { bytes: bytes.length, sha256: sha256(bytes) } }),
    );
    const { train, test } = await ucMerced({ folder: out });
    return `${train.classNames.join(",")} ${[...train.labels].join(",")} ${[...test.labels].join(",")}`;
  },
};

function xz(bytes: Uint8Array): Buffer {
  return spawnSync("xz", ["--stdout"], { input: bytes }).stdout;
}

/** LFW's folders; the mutations are of an image. */
export const lfwTarget: FuzzTarget = {
  name: "lfw",
  beside: async () => {
    const jpeg = await largePicture();
    const places = ["train/0001/a.jpg", "train/0002/a.jpg", "train/0002/b.jpg", "test/0001/a.jpg", "test/0002/a.jpg"];
    return Object.fromEntries(places.map((place) => [place, jpeg]));
  },
  valid: async () => [{ file: "train/0002/b.jpg", bytes: await largePicture() }],
  read: async (path) => {
    const folder = path.replace(/\/in\/.*$/, "/in");
    const { train, test } = await lfw({ side: 64, folder, warn: () => {} });
    return `${train.classNames.join(",")} ${[...train.labels].join(",")} ${[...test.labels].join(",")}`;
  },
};

const synsets = ["n00000001", "n00000002"];

async function tinyFiles(): Promise<Readonly<Record<string, Uint8Array>>> {
  const values = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i % 256);
  const jpeg = await sharp(values, { raw: { width: 32, height: 32, channels: 3 } })
    .jpeg()
    .toBuffer();
  const train = synsets.map((synset) => [`train/${synset}/images/${synset}_0.JPEG`, jpeg] as const);
  const val = [0, 1, 2].map((i) => [`val/images/val_${i}.JPEG`, jpeg] as const);
  const annotations = [1, 0, 1].map((label, i) => `val_${i}.JPEG\t${synsets[label]}\t0\t0\t31\t31\n`).join("");
  return {
    ...Object.fromEntries([...train, ...val]),
    "wnids.txt": Buffer.from(`${synsets.toReversed().join("\n")}\n`),
    "val/val_annotations.txt": Buffer.from(annotations),
  };
}

/** Tiny-ImageNet's lists of classes and of test labels. */
export const tinyImagenetTarget: FuzzTarget = {
  name: "tiny-imagenet",
  beside: tinyFiles,
  valid: async () => {
    const files = Object.entries(await tinyFiles()).filter(([file]) => file.endsWith(".txt"));
    return files.map(([file, bytes]) => ({ file, bytes }));
  },
  read: async (path) => {
    const folder = path.replace(/\/in\/.*$/, "/in");
    const { train, test } = await tinyImagenet({
      name: "tiny-imagenet-32px",
      side: 32,
      classes: null,
      folder,
      warn: () => {},
    });
    return `${train.classNames.join(",")} ${[...train.labels].join(",")} ${[...test.labels].join(",")}`;
  },
};
