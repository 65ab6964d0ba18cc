/** Weights that `fct import` wrote, in the place of a training. */
export interface ImportedWeights {
  /** The full path of the file. */
  readonly path: string;
  /** The checksum that the file contains. */
  readonly sha256: string;
  /** The classes of a backbone's classifier; null if the file has none. */
  readonly classes: number | null;
}
