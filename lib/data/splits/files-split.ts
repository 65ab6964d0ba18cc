import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { unexpected } from "../../core/check";
import type { Random } from "../../core/random";
import { decodeImage } from "../decoding/decode-image";
import type { ImageView } from "../decoding/messages";
import type { DecodePool } from "../decoding/pool";
import { type Augmentation, checkAugmentation } from "../images/augment";
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
        if (candidate === index) throw new Error(`no image of the class of ${path(index)} decodes`);
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
    case "resized-crop":
      return { kind: "resized-crop", side, minArea: augmentation.minArea, draws: cropDraws(random) };
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
 * Lists `folder`/<class>/<image>. Throws an error that names a folder which is missing, holds no
 * class or is a class without images.
 */
export async function listImages(folder: string): Promise<ListedImages> {
  const classNames = await classFolders(folder);
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

async function classFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`no folder ${folder} that can be read: in it, ${layout}`, { cause });
  });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const classes = visible.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  if (classes.length > 0) return classes.map(({ name }) => name).sort();
  const images = visible.filter(({ name }) => isImage(name)).length;
  throw new Error(`${folder} has no class folder${images > 0 ? ` but ${images} images of no class` : ""}: ${layout}`);
}

async function imageNames(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(isImage).sort();
  if (names.length === 0) throw new Error(`class folder ${folder} has no image: .jpg, .jpeg and .png are allowed`);
  return names;
}

function isImage(name: string): boolean {
  return /^[^.].*\.(jpe?g|png)$/i.test(name);
}
