import { InputError } from "../core/input-error";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { readWeights } from "../files/weights";
import { type AdapterCard, readCard } from "./card";
import type { Direction } from "./kind";
import { openTransformation, type Transformation } from "./open-transformation";
import type { SpaceRole } from "./space";

/** Weights that are ready to map, and what is known of them. */
export interface Adapter {
  readonly h: Transformation;
  /** Null for weights without a card, such as those of a table. */
  readonly card: AdapterCard | null;
  readonly weights: NamedArrays;
  /** Which of the known spaces the vectors to map must be of. */
  readonly role: SpaceRole;
}

/**
 * Opens an h to map in a direction; weights without a card map stored vectors. A square Procrustes
 * map serves both directions, since its inverse is exact. Throws InputError if the weights are
 * damaged, no h, or learned for the other direction.
 */
export async function openAdapter(path: string, direction: Direction): Promise<Adapter> {
  const weights = await readWeights(path);
  const card = readCard(path);
  const learnedFor = card?.direction ?? "gallery";
  if (direction === learnedFor) return { h: openTransformation(weights, path), card, weights, role: "from" };
  if (card?.kind === "procrustes" && card.sizes.from === card.sizes.to && card.sizes.side === null) {
    return { h: openTransformation(inverse(weights), path), card, weights, role: "to" };
  }
  const vectors = { gallery: "stored vectors forward", query: "queries back" } as const;
  throw new InputError({
    file: path,
    fault: `this h maps ${vectors[learnedFor]}, and --direction ${direction} asks for ${vectors[direction]}`,
    remedy: `learn one by "fct learn --direction ${direction}"`,
  });
}

/** y = s x R + b solved for x: (y - b) R^T / s, the weights of which are s R. */
function inverse({ "map.linear": map, "map.bias": bias }: NamedArrays): NamedArrays {
  if (map === undefined || bias === undefined) throw new Error("the weights hold no linear map");
  const [size = 0] = map.shape;
  const square = Float64Array.from(map.data, (value) => value ** 2).reduce((a, b) => a + b, 0) / size;
  const back = Float32Array.from(map.data, (_, at) => {
    return (map.data[(at % size) * size + Math.floor(at / size)] as number) / square;
  });
  const shift = Float32Array.from({ length: size }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum -= (bias.data[i] as number) * (back[i * size + j] as number);
    return sum;
  });
  const array = (shape: readonly number[], data: Float32Array): NamedArray => ({ shape, data });
  return { "map.linear": array([size, size], back), "map.bias": array([size], shift) };
}
