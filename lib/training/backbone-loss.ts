import type { MarginRecipe } from "../losses/margin";

/** A loss of a backbone other than plain softmax cross-entropy. All of them compare directions: embeddings of such models are unit vectors. */
export type BackboneLoss =
  | MarginRecipe
  /** Softmax over cosines times `scale`: a margin loss without its margin (NormFace, arXiv 1704.06369). */
  | { readonly kind: "normalised-softmax"; readonly scale: number }
  /** Batch-hard triplets (arXiv 1703.07737) from batches with `perClass` images of each class in them; no classifier. */
  | { readonly kind: "triplet"; readonly margin: number; readonly perClass: number };

/** Are a model's embeddings divided by their L2 norm when images are embedded? So they are where its loss saw directions alone. */
export function normalisesEmbeddings({ loss }: { readonly loss?: BackboneLoss }): boolean {
  return loss !== undefined;
}
