import { join } from "node:path";
import { wholeNumber } from "../../core/check";
import { InputError } from "../../core/input-error";
import { type DecodePool, sharedDecodePool } from "../decoding/pool";
import type { Dataset, SplitSizes } from "../splits/dataset";
import { filesSplit, type ListedImages, listImages } from "../splits/files-split";
import { brokenImages } from "./read-images";

/** Datasets of class folders, at side x side. */
export interface ImageFolderRecipe {
  readonly name: "imagenet-1k" | "places-365" | "vggface2";
  readonly side: number;
}

/** Images that the publishers state, whatever lies in the user's folder. */
export const publishedSizes: Readonly<Record<ImageFolderRecipe["name"], SplitSizes>> = {
  "imagenet-1k": { train: 1_281_167, test: 50_000 },
  "places-365": { train: 1_803_460, test: 36_500 },
  vggface2: { train: 3_140_000, test: 170_000 },
};

/**
 * `folder`/train/<class>/<image> and `folder`/val/<class>/<image>, decoded when loaded. Classes are
 * the sorted names of train's folders. With `ownTestClasses` val has classes and labels of its own,
 * as in VGGFace2, whose test persons are not those of training. Images of `people` are never shown.
 */
export async function imageFolder({
  folder,
  side,
  ownTestClasses = false,
  people = false,
  pool = sharedDecodePool,
  warn = console.warn,
}: {
  readonly folder: string;
  readonly side: number;
  readonly ownTestClasses?: boolean;
  readonly people?: boolean;
  readonly pool?: () => DecodePool;
  readonly warn?: (message: string) => void;
}): Promise<Dataset> {
  wholeNumber("side in pixels", side, { least: 1 });
  const train = await listImages(join(folder, "train"));
  const listed = await listImages(join(folder, "val"));
  const test = ownTestClasses ? listed : underClassesOf(train, listed, folder);
  const broken = brokenImages(train.labels.length);
  const hidden = people ? ({ shown: false } as const) : {};
  return {
    train: {
      ...hidden,
      ...filesSplit(train, {
        side,
        pool,
        found: (path, reason) => {
          broken.report(path, reason);
          warn(`${folder}: ${broken.summary()}`);
        },
      }),
    },
    test: {
      ...hidden,
      ...filesSplit(test, {
        side,
        pool,
        found: (path, reason) => {
          throw new InputError({
            file: path,
            fault: `is broken (${reason})`,
            remedy: "every test image must decode, since another in its place would count as found",
          });
        },
      }),
    },
    identity: async () => ({ kind: "file list", train: await train.hash(), test: await test.hash() }),
  };
}

/** The same files under the class names and labels of `train`. */
function underClassesOf(train: ListedImages, test: ListedImages, folder: string): ListedImages {
  const labelOf = new Map(train.classNames.map((name, label) => [name, label]));
  const unknown = test.classNames.filter((name) => !labelOf.has(name));
  if (unknown.length > 0) {
    const named = `${unknown.slice(0, 10).join(", ")}${unknown.length > 10 ? " and more" : ""}`;
    const fault = `${unknown.length} classes of val are not in train: ${named}`;
    throw new InputError({ file: folder, fault, remedy: "the classes of train are allowed" });
  }
  const labels = test.labels.map((label) => labelOf.get(test.classNames[label] ?? "") ?? -1);
  return { ...test, classNames: train.classNames, labels };
}
