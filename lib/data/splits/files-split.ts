import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { unexpected } from "../../core/check";
import { classFolders, imageFiles } from "../../core/input/folder-entries";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { Random } from "../../core/random";
import { decodeImage } from "../decoding/decode-image";
import type { ImageView } from "../decoding/messages";
import type { DecodePool } from "../decoding/pool";
import { type Augmentation, checkAugmentation } from "../images/augment";
import { colourDraws } from "../images/colour";
import { cropDraws } from "../images/crop";
import { imagenetNormalisation as normalisation } from "../images/normalisation";
import { checkIndex, type ImageSplit } from "./dataset";

type View = { readonly augmentation: Augmentation; readonly random: Random };

const ahead = 2;

/**
 * A split of image files, decoded by the pool when they are loaded. Without an augmentation an
 * image is shown in the test view: its shorter side resized to 256/224 of `side`, then the centre.
 * An image that does not decode is replaced by the next one of its class; `found` is told once of
 * each, and may throw.
 */
export function filesSplit(
  files: ListedImages,
  {
    side,
    pool,
    found,
  }: { readonly side: number; readonly pool: () => DecodePool; readonly found: (path: string, reason: string) => void },
): ImageSplit {
  const stands = standIns(files);
  const size = side * side * 3;
  const load = async (indices: Int32Array, view?: View): Promise<Float32Array> => {
    const shown = indices.map(stands.forImage);
    const tasks = Array.from(shown, (index) => ({ path: files.path(index), view: imageView(side, index, view) }));
    const { values, broken } = await pool().decode({ tasks, valuesPerImage: size, normalisation });
    if (broken.length === 0) return values;
    for (const { position, reason } of broken) {
      const index = shown[position] as number;
      if (stands.note(index)) found(files.path(index), reason);
    }
    const again = await load(
      Int32Array.from(broken, ({ position }) => indices[position] as number),
      view,
    );
    broken.forEach(({ position }, i) => {
      values.set(again.subarray(i * size, (i + 1) * size), position * size);
    });
    return values;
  };
  return {
    shape: [side, side, 3],
    labels: files.labels,
    classNames: files.classNames,
    ahead,
    load,
    recycle: (batch) => pool().recycle(batch),
    pixels: async (index) => decodeImage(files.path(stands.forImage(index)), { kind: "centre", side, mirrored: false }),
  };
}

interface StandIns {
  /**
   * The image itself, or the next of its class if it is known to be broken; throws if the whole
   * class is.
   */
  readonly forImage: (index: number) => number;
  /** Notes a broken image; whether it is new. */
  readonly note: (index: number) => boolean;
}

function standIns({ starts, path, labels }: ListedImages): StandIns {
  const broken = new Set<number>();
  const next = (index: number): number => {
    const after = index + 1;
    // A class ends where the next begins: its last image is followed by its first.
    const label = starts.indexOf(after);
    return label > 0 ? (starts[label - 1] as number) : after;
  };
  return {
    forImage: (index) => {
      checkIndex(index, labels.length);
      let candidate = index;
      while (broken.has(candidate)) {
        candidate = next(candidate);
        if (candidate === index)
          throw new InputError({ file: path(index), fault: "and all other images of its class are broken" });
      }
      return candidate;
    },
    note: (index) => !broken.has(index) && broken.add(index) !== undefined,
  };
}

function imageView(side: number, index: number, view?: View): ImageView {
  if (view === undefined) return { kind: "centre", side, mirrored: false };
  const { augmentation } = view;
  checkAugmentation(augmentation, [side, side, 3]);
  const random = view.random.fork(index);
  switch (augmentation.kind) {
    case "flip":
      return { kind: "centre", side, mirrored: random.uniform() < 0.5 };
    case "resized-crop": {
      const { minArea, colour } = augmentation;
      const draws = cropDraws(random);
      const colours = colour === undefined ? {} : { colours: colourDraws(colour, random) };
      return { kind: "resized-crop", side, minArea, draws, ...colours };
    }
    case "affine":
    case "crop-flip":
      throw unexpected("augmentation of image files", "flip or resized-crop", augmentation.kind);
  }
}

/** The image files of a folder of class folders, class after class, in the order of their names. */
export interface ListedImages {
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
  /** The first image of each class, and at the end the number of images. */
  readonly starts: Int32Array;
  readonly path: (index: number) => string;
  /** SHA-256 of all files' paths and sizes in bytes. */
  readonly hash: () => Promise<string>;
}

const layout = "<class>/*.jpg, .jpeg or .png is expected";

/**
 * Lists `folder`/<class>/<image>. Throws InputError if a folder is missing, holds no class or is
 * a class without images.
 */
export async function listImages(folder: string): Promise<ListedImages> {
  const classNames = await classNamesIn(folder);
  const files: string[] = [];
  const starts = new Int32Array(classNames.length + 1);
  for (const [label, className] of classNames.entries()) {
    // No spread: a class may hold more names than a call takes arguments.
    for (const name of await imageNames(join(folder, className))) files.push(name);
    starts[label + 1] = files.length;
  }
  const labels = new Int32Array(files.length);
  for (const label of classNames.keys()) labels.fill(label, starts[label], starts[label + 1]);
  const path = (index: number): string => join(folder, classNames[labels[index] ?? -1] ?? "", files[index] ?? "");
  return { classNames, labels, starts, path, hash: () => listHash({ classNames, starts, path }) };
}

/** Hashes one line a file; "unreadable" takes the place of a size that cannot be read. */
async function listHash({
  classNames,
  starts,
  path,
}: Pick<ListedImages, "classNames" | "starts" | "path">): Promise<string> {
  const hash = createHash("sha256");
  for (const [label, className] of classNames.entries()) {
    const [start, end] = [starts[label] as number, starts[label + 1] as number];
    const paths = Array.from({ length: end - start }, (_, i) => path(start + i));
    const sizes = await Promise.all(
      paths.map((file) =>
        stat(file).then(
          ({ size }) => size,
          () => "unreadable",
        ),
      ),
    );
    paths.forEach((file, i) => void hash.update(`${className}/${basename(file)} ${sizes[i]}\n`));
  }
  return hash.digest("hex");
}

async function classNamesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause, `in it, ${layout}`);
  });
  const names = classFolders(folder, entries);
  if (names.length > 0) return names;
  const images = imageFiles(folder, entries, imageEnding).length;
  const fault = `has no class folder${images > 0 ? ` but ${images} images of no class` : ""}: ${layout}`;
  throw new InputError({ file: folder, fault });
}

const imageEnding = /.\.(jpe?g|png)$/i;

async function imageNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const names = imageFiles(folder, entries, imageEnding);
  if (names.length > 0) return names;
  throw new InputError({ file: folder, fault: "is a class folder without an image: .jpg, .jpeg and .png are allowed" });
}
