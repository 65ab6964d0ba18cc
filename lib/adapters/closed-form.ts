import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { type DoubleMatrix, doubleProduct } from "../tf/graph/doubles";
import type { ClosedKind } from "./kind";
import { biasOf, linearError, procrustes, reducedRank, ridge } from "./pairs/linear-maps";
import type { Moments } from "./pairs/moments";

const strengths = [1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1] as const;

/** The ridge regression of the strength whose error on the held-out pairs is least. */
export function bestRidge(
  learned: Moments,
  heldOut: Moments,
): { readonly map: DoubleMatrix; readonly strength: number } {
  const tried = strengths.map((strength) => {
    const map = ridge(learned, strength);
    return { map, strength, error: linearError(heldOut, learned, map) };
  });
  return tried.reduce((best, one) => (one.error < best.error ? one : best));
}

/** The weights of a kind with a closed form, as h takes them. */
export function closedForm(
  kind: ClosedKind,
  moments: { readonly learned: Moments; readonly heldOut: Moments; readonly rank: number },
): NamedArrays {
  const { learned, heldOut, rank } = moments;
  if (kind === "procrustes") return linearWeights(learned, procrustes(learned));
  const { map } = bestRidge(learned, heldOut);
  if (kind === "linear") return linearWeights(learned, map);
  const [first, second] = reducedRank(learned, map, Math.min(rank, map.rows, map.columns));
  return {
    "map.0.linear": singles(first),
    "map.1.linear": singles(second),
    "map.1.bias": biasArray(learned, doubleProduct(first, second)),
  };
}

/** A linear map as the weights of a linear h. */
export function linearWeights(learned: Moments, map: DoubleMatrix): NamedArrays {
  return { "map.linear": singles(map), "map.bias": biasArray(learned, map) };
}

function singles({ rows, columns, data }: DoubleMatrix): NamedArray {
  return { shape: [rows, columns], data: Float32Array.from(data) };
}

function biasArray(learned: Moments, map: DoubleMatrix): NamedArray {
  const bias = biasOf(learned, map);
  return { shape: [bias.length], data: Float32Array.from(bias) };
}
