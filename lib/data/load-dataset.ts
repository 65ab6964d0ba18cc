import { canonicalJson, type Json } from "../core/hash";
import { presentFolder } from "./fetching/dataset-state";
import { type CifarRecipe, cifar } from "./readers/cifar";
import { type FashionMnistRecipe, fashionMnist } from "./readers/fashion-mnist";
import { type ImageFolderRecipe, imageFolder } from "./readers/image-folder";
import { type LfwRecipe, lfw } from "./readers/lfw";
import { omniglot } from "./readers/omniglot";
import { type FolderRecipe, ownImages } from "./readers/own-images";
import { type ShapesRecipe, shapes } from "./readers/shapes";
import { type SyntheticRecipe, synthetic } from "./readers/synthetic";
import { type TinyImagenetRecipe, tinyImagenet } from "./readers/tiny-imagenet";
import { type UcMercedRecipe, ucMerced } from "./readers/uc-merced";
import type { Dataset } from "./splits/dataset";
import { type ValidationSplit, validationOf } from "./splits/validation";

/**
 * Which dataset, and all that determines its images. With `validation` a part of the training
 * images is held out and takes the place of the test images.
 */
export type DatasetRecipe = WholeDataset & { readonly validation?: ValidationSplit };

/** A dataset with all of its training images. */
export type WholeDataset =
  | { readonly name: "omniglot"; readonly side: number }
  | ({ readonly name: "shapes" } & ShapesRecipe)
  | TinyImagenetRecipe
  | CifarRecipe
  | LfwRecipe
  | UcMercedRecipe
  | ({ readonly name: "fashion-mnist" } & FashionMnistRecipe)
  | ImageFolderRecipe
  | FolderRecipe
  | ({ readonly name: "synthetic" } & SyntheticRecipe);

// A table reads at most two datasets by turns; what a long-running process used before is let go.
const mostHeld = 2;

/** By canonical recipe, the one used last at the end. */
const held = new Map<string, Promise<Dataset>>();

/**
 * The dataset of a recipe. The two used last are held and not read again; one that failed is tried
 * again at the next call.
 */
export function loadDataset({ validation, ...whole }: DatasetRecipe): Promise<Dataset> {
  const dataset = wholeDataset(whole);
  return validation === undefined ? dataset : dataset.then((read) => validationOf(read, validation));
}

function wholeDataset(recipe: WholeDataset): Promise<Dataset> {
  const key = canonicalJson({ ...recipe } satisfies Json);
  const dataset = held.get(key) ?? read(recipe);
  held.delete(key);
  held.set(key, dataset);
  for (const oldest of [...held.keys()].slice(0, -mostHeld)) held.delete(oldest);
  dataset.catch(() => held.delete(key));
  return dataset;
}

async function read(recipe: WholeDataset): Promise<Dataset> {
  switch (recipe.name) {
    case "omniglot":
      return omniglot({ side: recipe.side });
    case "shapes":
      return shapes(recipe);
    case "tiny-imagenet":
    case "tiny-imagenet-32px":
      return tinyImagenet(recipe);
    case "cifar-10":
    case "cifar-100":
      return cifar(recipe);
    case "lfw-64px":
      return lfw(recipe);
    case "uc-merced-64px":
      return ucMerced(recipe);
    case "fashion-mnist":
      return fashionMnist(recipe);
    case "imagenet-1k":
    case "places-365":
      return imageFolder({ folder: presentFolder(recipe.name), side: recipe.side });
    case "vggface2":
      return imageFolder({ folder: presentFolder(recipe.name), side: recipe.side, ownTestClasses: true, people: true });
    case "folder":
      return ownImages(recipe);
    case "synthetic":
      return synthetic(recipe);
  }
}
