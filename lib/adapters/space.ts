import { sha256 } from "../core/hash";
import type { Matrix } from "../core/matrix";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { symmetricEigenvectors } from "../tf/graph/doubles";
import { type Moments, productsOf } from "./pairs/moments";

// The fingerprint of an embedding space: how vectors of it spread along some of the directions that
// they vary along, from the most to the least. Vectors of another model, even of a training of the
// same network, spread otherwise: little where these spread far, and far where these do not.

/** The roles of the spaces that an adapter knows. */
export type SpaceRole = "from" | "side" | "to";

const mostDirections = 64;
/**
 * Variance below this share of the mean is taken to be noise, as of a unit that is never active.
 */
const floor = 1e-6;

/**
 * The fingerprint of one side of the pairs, as arrays to keep beside the weights: mean
 * [dimensions], directions [dimensions, k], which give vectors of the space variance 1 along each,
 * and slack [k], the share of noise in it.
 */
export function spaceArrays(role: SpaceRole, moments: Moments): NamedArrays {
  const { from, inputs, products, means } = moments;
  const [start, end] = { from: [0, from], side: [from, inputs], to: [inputs, products.columns] }[role] as [
    number,
    number,
  ];
  const { values, right } = symmetricEigenvectors(productsOf(moments, [start, end], [start, end]));
  const size = end - start;
  const variances = values.map((value) => Math.max(0, value) / moments.count);
  const added = (floor * variances.reduce((a, b) => a + b, 0)) / size || floor;
  const k = Math.min(size, mostDirections);
  const chosen = Array.from({ length: k }, (_, i) => (k === 1 ? 0 : Math.round((i * (size - 1)) / (k - 1))));
  const length = (c: number): number => Math.sqrt((variances[c] as number) + added);
  const directions = Float32Array.from({ length: size * k }, (_, at) => {
    const column = chosen[at % k] as number;
    return (right.data[Math.floor(at / k) * size + column] as number) / length(column);
  });
  return {
    [`space.${role}.mean`]: { shape: [size], data: Float32Array.from(means.subarray(start, end)) },
    [`space.${role}.directions`]: { shape: [size, k], data: directions },
    [`space.${role}.slack`]: { shape: [k], data: Float32Array.from(chosen, (c) => added / length(c) ** 2) },
  };
}

/** The name of a space: 16 hexadecimal digits of its fingerprint. */
export function spaceId(role: SpaceRole, weights: NamedArrays): string {
  const parts = ["mean", "directions"].map((part) => arrayNamed(weights, `space.${role}.${part}`).data);
  return sha256(
    Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))),
  ).slice(0, 16);
}

/**
 * How far vectors spread from what the fingerprint says: the mean, over its directions, of the
 * absolute logarithm of their mean square. Below 0.5 for the test images, of partly new classes, of
 * a model whose training images made the fingerprint, and above 1 for other models' embeddings.
 */
export function spreadGap(role: SpaceRole, weights: NamedArrays, { rows, columns, data }: Matrix): number {
  const [mean, directions, slack] = ["mean", "directions", "slack"].map(
    (part) => arrayNamed(weights, `space.${role}.${part}`).data,
  ) as [Float32Array, Float32Array, Float32Array];
  const k = slack.length;
  const squares = new Float64Array(k);
  const along = new Float64Array(k);
  for (let i = 0; i < rows; i++) {
    along.fill(0);
    for (let c = 0; c < columns; c++) {
      const apart = (data[i * columns + c] as number) - (mean[c] as number);
      for (let d = 0; d < k; d++) along[d] = (along[d] as number) + apart * (directions[c * k + d] as number);
    }
    for (let d = 0; d < k; d++) squares[d] = (squares[d] as number) + (along[d] as number) ** 2;
  }
  return squares.reduce((sum, square, d) => sum + Math.abs(Math.log(square / rows + (slack[d] as number))), 0) / k;
}
