import { canonicalJson } from "../core/hash";
import type { DatasetRecipe } from "../data/load-dataset";
import type { ClassSelection } from "../data/splits/class-selection";

/** What trains on images. */
export type ImageRole = "backbone" | "side-information";

/** The name of a random stream (core/random.ts). */
export type Stream = readonly (string | number)[];

/**
 * The stream from which a network trained on images draws its starting weights, its batches and its
 * views. Only the seed, the role and the images name it: variants of a recipe (another loss, BCT
 * beside none, another precision) draw common random numbers, so that their difference is not one
 * of luck. An old and a new model are independent as long as their classes or datasets differ.
 */
export function imageStream(
  role: ImageRole,
  {
    seed,
    dataset,
    classes,
  }: { readonly seed: number; readonly dataset: DatasetRecipe; readonly classes: ClassSelection },
): Stream {
  return [seed, role, canonicalJson(dataset), canonicalJson(classes)];
}

/** The stream of a transformation's starting weights and batches: common to all with its seed. */
export function transformationStream({ seed }: { readonly seed: number }): Stream {
  return [seed, "transformation"];
}
