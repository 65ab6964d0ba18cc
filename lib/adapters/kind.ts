import { fraction, oneOf, positive, unexpected, wholeNumber } from "../core/check";

/**
 * What maps one embedding space to another: FCT's h, with FastFill's uncertainty or without, and
 * the three adapters that arXiv 2509.23471 compares, besides a plain linear map.
 */
export const adapterKinds = ["fct", "fastfill", "residual", "low-rank", "linear", "procrustes"] as const;

/** One of them. */
export type AdapterKind = (typeof adapterKinds)[number];

/** Kinds that are trained by gradients; the others have a closed form. */
export type TrainedKind = Extract<AdapterKind, "fct" | "fastfill" | "residual">;
export type ClosedKind = Exclude<AdapterKind, TrainedKind>;

/**
 * Stored vectors are mapped forward into the new model's space, or new queries back into the old
 * model's.
 */
export const adapterDirections = ["gallery", "query"] as const;

/** One of them. */
export type Direction = (typeof adapterDirections)[number];

/** How an adapter is learned; the defaults of a trained kind are the published recipe of h. */
export interface LearnOptions {
  readonly kind?: AdapterKind;
  readonly direction?: Direction;
  /** Width of h's mixer (2048), or of the residual network (256). */
  readonly inner?: number;
  /** The rank of a low-rank map; 64, or the smaller number of dimensions. */
  readonly rank?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  /** The share of the pairs that is not learned from: it decides the epoch and is reported. */
  readonly heldOut?: number;
}

/** The same with everything decided. */
export type LearnRecipe = Required<LearnOptions>;

/** The recipe that the options mean. Throws RangeError on an option out of range. */
export function learnRecipe(options: LearnOptions): LearnRecipe {
  const { kind = "fct", direction = "gallery", epochs = 80, batchSize = 1024, learningRate = 5e-4 } = options;
  const { inner = kind === "residual" ? 256 : 2048, rank = 64, seed = 0, heldOut = 0.1 } = options;
  return {
    kind: oneOf("kind", kind, adapterKinds),
    direction: oneOf("direction", direction, adapterDirections),
    inner: wholeNumber("inner", inner, { least: 1, most: 65_536 }),
    rank: wholeNumber("rank", rank, { least: 1 }),
    epochs: wholeNumber("epochs", epochs, { least: 1, most: 100_000 }),
    batchSize: wholeNumber("batch", batchSize, { least: 2 }),
    learningRate: positive("learning rate", learningRate),
    seed: wholeNumber("seed", seed, { least: 0 }),
    heldOut: fraction("held-out share", heldOut),
  };
}

/** Whether a kind is trained by gradients. */
export function isTrained(kind: AdapterKind): kind is TrainedKind {
  return kind === "fct" || kind === "fastfill" || kind === "residual";
}

/** What errors call options. */
const words = {
  inner: "inner",
  rank: "rank",
  epochs: "epochs",
  batchSize: "batch",
  learningRate: "learning rate",
} as const;
const ofTraining = ["inner", "epochs", "batchSize", "learningRate"] as const;

/** The options that a kind has of its own; the seed and what is held out concern every kind. */
function ownOptions(kind: AdapterKind): readonly (keyof LearnOptions)[] {
  if (isTrained(kind)) return ofTraining;
  return kind === "low-rank" ? ["rank"] : [];
}

/** The options of `recipe` that its kind uses. */
export function usedOptions({ kind, direction, ...rest }: LearnRecipe): Partial<LearnRecipe> {
  const used: readonly string[] = [...ownOptions(kind), "seed", "heldOut"];
  return Object.fromEntries(Object.entries(rest).filter(([name]) => used.includes(name)));
}

/** Throws RangeError, naming the first, if there are options that the kind does not use. */
export function requireUsed(options: LearnOptions): void {
  const { kind = "fct" } = options;
  for (const name of [...ofTraining, "rank"] as const) {
    if (options[name] === undefined || ownOptions(kind).includes(name)) continue;
    throw unexpected(words[name], `none with kind ${kind}, which does not use it`, options[name]);
  }
}
