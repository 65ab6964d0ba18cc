/** A loss of h other than the mean squared error; `smoothing` is that of the labels (.1 in the papers). */
export type TransformationLoss =
  /** Mean of 1 - cosine of h and the new embedding. */
  | { readonly kind: "cosine" }
  /** Mean squared error + weight * cross-entropy of the new model's frozen classifier on h. */
  | { readonly kind: "mse-classifier"; readonly weight: number; readonly smoothing: number }
  /** The same for each item, discounted by a predicted uncertainty (FastFill, arXiv 2303.04766; weight 1). */
  | { readonly kind: "fastfill"; readonly weight: number; readonly smoothing: number };
