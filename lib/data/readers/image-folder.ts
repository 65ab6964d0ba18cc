import { join } from "node:path";
import { type DecodePool, sharedDecodePool } from "../decoding/pool";
import type { Dataset } from "../splits/dataset";
import { filesSplit, type ListedImages, listImages } from "../splits/files-split";
import { brokenImages } from "./read-images";

/** Datasets of class folders, at side x side. */
export interface ImageFolderRecipe {
  readonly name: "imagenet-1k" | "places-365" | "vggface2";
  readonly side: number;
}

/**
 * `folder`/train/<class>/<image> and `folder`/val/<class>/<image>, decoded when loaded. Classes are the sorted names of train's folders; val may
 * hold others only with `ownTestClasses`, as VGGFace2, whose test persons are not among those of training: its test labels are then its own.
 */
export async function imageFolder({
  folder,
  side,
  ownTestClasses = false,
  pool = sharedDecodePool,
  warn = console.warn,
}: {
  readonly folder: string;
  readonly side: number;
  readonly ownTestClasses?: boolean;
  readonly pool?: () => DecodePool;
  readonly warn?: (message: string) => void;
}): Promise<Dataset> {
  if (!(Number.isInteger(side) && side >= 1))
    throw new RangeError(`side ${side}: whole pixels of at least 1 are allowed`);
  const train = await listImages(join(folder, "train"));
  const listed = await listImages(join(folder, "val"));
  const test = ownTestClasses ? listed : underClassesOf(train, listed, folder);
  const broken = brokenImages(train.labels.length);
  return {
    train: filesSplit(train, {
      side,
      pool,
      found: (path, reason) => {
        broken.report(path, reason);
        warn(`${folder}: ${broken.summary()}`);
      },
    }),
    test: filesSplit(test, {
      side,
      pool,
      found: (path, reason) => {
        throw new Error(
          `${path} is broken (${reason}): every test image must decode, since another in its place would count as found`,
        );
      },
    }),
  };
}

/** The same files under the class names and labels of `train`. */
function underClassesOf(train: ListedImages, test: ListedImages, folder: string): ListedImages {
  const labelOf = new Map(train.classNames.map((name, label) => [name, label]));
  const unknown = test.classNames.filter((name) => !labelOf.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `${folder}: ${unknown.length} classes of val are not in train: ${unknown.slice(0, 10).join(", ")}` +
        `${unknown.length > 10 ? " and more" : ""}; the classes of train are allowed`,
    );
  }
  const labels = test.labels.map((label) => labelOf.get(test.classNames[label] ?? "") ?? -1);
  return { ...test, classNames: train.classNames, labels };
}
