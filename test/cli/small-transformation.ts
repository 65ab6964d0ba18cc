import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeArtifact } from "../../lib/core/artifacts/store";
import type { Matrix } from "../../lib/core/matrix";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { initialTransformation } from "../../lib/nn/transformation";
import { bytesAs, npyFile } from "../files/npy-writer";
import { normalRows } from "../retrieval/normal-rows";

/** Old embeddings, side-information and weights of an h that takes them, in memory and as files of a folder. */
export interface Stored {
  readonly weights: NamedArrays;
  readonly old: Matrix;
  readonly side: Matrix;
  readonly paths: { readonly weights: string; readonly old: string; readonly side: string; readonly out: string };
}

/** Writes all of it: h from 5 and 3 dimensions to 4. */
export function storedTransformation(folder: string, rows: number): Stored {
  const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("small"));
  const old = normalRows("old", rows, 5);
  const side = normalRows("side", rows, 3);
  const path = (name: string): string => join(folder, name);
  const paths = {
    weights: path("h.safetensors"),
    old: path("old.npy"),
    side: path("side.npy"),
    out: path("new.npy"),
  };
  writeArtifact(paths.weights, { arrays: weights, facts: {} });
  writeMatrix(paths.old, old);
  writeMatrix(paths.side, side);
  return { weights, old, side, paths };
}

/** An NPY file of 32-bit floats. */
export function writeMatrix(path: string, { rows, columns, data }: Matrix): void {
  writeFileSync(path, npyFile({ descr: "<f4", shape: [rows, columns] }, bytesAs("<f4", data)));
}
