import { canonicalJson, type Json } from "../core/hash";
import { presentFolder } from "./fetching/dataset-state";
import { type CifarRecipe, cifar } from "./readers/cifar";
import { type FashionMnistRecipe, fashionMnist } from "./readers/fashion-mnist";
import { type ImageFolderRecipe, imageFolder } from "./readers/image-folder";
import { omniglot } from "./readers/omniglot";
import { type ShapesRecipe, shapes } from "./readers/shapes";
import { type SyntheticRecipe, synthetic } from "./readers/synthetic";
import { type TinyImagenetRecipe, tinyImagenet } from "./readers/tiny-imagenet";
import type { Dataset } from "./splits/dataset";

/** Which dataset, and all that determines its images. */
export type DatasetRecipe =
  | { readonly name: "omniglot"; readonly side: number }
  | ({ readonly name: "shapes" } & ShapesRecipe)
  | TinyImagenetRecipe
  | CifarRecipe
  | ({ readonly name: "fashion-mnist" } & FashionMnistRecipe)
  | ImageFolderRecipe
  | ({ readonly name: "synthetic" } & SyntheticRecipe);

const loaded = new Map<string, Promise<Dataset>>();

/** The dataset of a recipe, read once a process; one that failed is tried again at the next call. */
export function loadDataset(recipe: DatasetRecipe): Promise<Dataset> {
  const key = canonicalJson({ ...recipe } satisfies Json);
  const known = loaded.get(key);
  if (known) return known;
  const dataset = read(recipe);
  loaded.set(key, dataset);
  dataset.catch(() => loaded.delete(key));
  return dataset;
}

async function read(recipe: DatasetRecipe): Promise<Dataset> {
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
    case "fashion-mnist":
      return fashionMnist(recipe);
    case "imagenet-1k":
    case "places-365":
      return imageFolder({ folder: presentFolder(recipe.name), side: recipe.side });
    case "vggface2":
      return imageFolder({ folder: presentFolder(recipe.name), side: recipe.side, ownTestClasses: true });
    case "synthetic":
      return synthetic(recipe);
  }
}
