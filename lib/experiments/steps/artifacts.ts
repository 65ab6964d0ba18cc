import type { Artifact } from "../../core/artifacts/store";
import { type Matrix, matrix } from "../../core/matrix";
import { arrayNamed } from "../../core/named-arrays";

/** Embeddings as an artifact: array "embeddings", and "logVariance" [rows] if h predicts it. */
export function embeddingArtifact({ rows, columns, data }: Matrix, logVariance: Float32Array | null = null): Artifact {
  const uncertainty = logVariance === null ? {} : { logVariance: { shape: [rows], data: logVariance } };
  return { arrays: { embeddings: { shape: [rows, columns], data }, ...uncertainty }, facts: {} };
}

/** The embeddings in such an artifact. */
export function embeddingsIn(artifact: Artifact | undefined): Matrix {
  const { shape, data } = arrayNamed(artifact?.arrays ?? {}, "embeddings");
  return matrix(shape[0] ?? 0, shape[1] ?? 0, data as Float32Array);
}

/** The log variances in such an artifact. Throws if h predicts none. */
export function logVarianceIn(artifact: Artifact | undefined): Float32Array {
  return arrayNamed(artifact?.arrays ?? {}, "logVariance").data as Float32Array;
}
