import type { Json } from "../core/hash";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { type AdapterCard, writeAdapter } from "./card";
import { usedOptions } from "./kind";
import type { Learned } from "./learn";
import type { Pairs } from "./pairs/pairs";
import { spaceId } from "./space";

/**
 * Writes a learned adapter: its weights as safetensors and, beside them, its card. `data` are the
 * SHA-256 of the values that it was learned from.
 */
export function saveAdapter(
  path: string,
  learned: Learned,
  { pairs, data }: { readonly pairs: Pairs; readonly data: AdapterCard["data"] },
): AdapterCard {
  return writeAdapter(path, learned.weights, cardOf(learned, pairs, data));
}

function cardOf(
  found: Learned,
  { from, side, to }: Pairs,
  data: AdapterCard["data"],
): Omit<AdapterCard, "format" | "weights"> {
  const { weights, recipe, training, quality, learnedPairs } = found;
  const parameters = parametersOf(weights);
  const { kind, direction } = recipe;
  return {
    kind,
    direction,
    sizes: {
      ...{ from: from.columns, side: side?.columns ?? null, to: to.columns },
      ...{ inner: innerOf(found), parameters, bytes: 4 * parameters },
    },
    spaces: {
      from: spaceId("from", weights),
      side: side === null ? null : spaceId("side", weights),
      to: spaceId("to", weights),
    },
    data,
    recipe: usedOptions(recipe) as Readonly<Record<string, Json>>,
    training: {
      pairs: learnedPairs,
      epochs: training?.losses.length ?? null,
      bestEpoch: training?.bestEpoch ?? null,
      losses: training?.losses ?? [],
      heldOutLosses: training?.heldOutLosses ?? [],
    },
    heldOut: quality,
  };
}

function parametersOf(weights: NamedArrays): number {
  const own = Object.entries(weights).filter(([name]) => !name.startsWith("space."));
  return own.reduce((sum, [, { data }]) => sum + data.length, 0);
}

function innerOf({ recipe: { kind, inner }, weights }: Learned): number {
  // Less than the rank that was asked for, if there are fewer dimensions.
  if (kind === "low-rank") return arrayNamed(weights, "map.0.linear").shape[1] as number;
  return kind === "linear" || kind === "procrustes" ? 0 : inner;
}
