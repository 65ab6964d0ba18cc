import { z } from "zod";
import { readRecord, writeRecord } from "../core/artifacts/record";
import { CorruptedFile, readSealed, sealed, writeAtomically } from "../core/artifacts/store";
import type { Json } from "../core/hash";
import type { NamedArrays } from "../core/named-arrays";
import { type AdapterKind, adapterDirections, adapterKinds, type Direction } from "./kind";
import type { AdapterQuality } from "./quality";

/** What is known of an adapter, beside its weights. */
export interface AdapterCard {
  readonly format: "fct adapter 1";
  readonly kind: AdapterKind;
  readonly direction: Direction;
  /**
   * Dimensions of the vectors that are mapped, of their side-information and of what they become;
   * the width between (0 if there is none), and the size of the weights.
   */
  readonly sizes: {
    readonly from: number;
    readonly side: number | null;
    readonly to: number;
    readonly inner: number;
    readonly parameters: number;
    readonly bytes: number;
  };
  /** The fingerprints of the spaces. */
  readonly spaces: OfSides;
  /** The SHA-256 of the values that were learned from, as 32-bit floats. */
  readonly data: OfSides;
  readonly recipe: Readonly<Record<string, Json>>;
  readonly training: {
    /** Pairs learned from. */
    readonly pairs: number;
    /** Epochs run, and the one chosen; null for a closed form. */
    readonly epochs: number | null;
    readonly bestEpoch: number | null;
    readonly losses: readonly number[];
    readonly heldOutLosses: readonly number[];
  };
  readonly heldOut: AdapterQuality;
  /** The checksum inside of the weights' file. */
  readonly weights: string;
}

/** A text about each side of the pairs. */
export interface OfSides {
  readonly from: string;
  readonly side: string | null;
  readonly to: string;
}

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const sides = z.strictObject({ from: z.string(), side: z.string().nullable(), to: z.string() });

const cardSchema: z.ZodType<AdapterCard> = z.strictObject({
  format: z.literal("fct adapter 1"),
  kind: z.enum(adapterKinds),
  direction: z.enum(adapterDirections),
  sizes: z.strictObject({
    from: count,
    side: count.nullable(),
    to: count,
    inner: count,
    parameters: count,
    bytes: count,
  }),
  spaces: sides,
  data: sides,
  recipe: z.record(z.string(), z.json()),
  training: z.strictObject({
    pairs: count,
    epochs: count.nullable(),
    bestEpoch: count.nullable(),
    losses: z.array(z.number()),
    heldOutLosses: z.array(z.number()),
  }),
  heldOut: z.strictObject({
    pairs: count,
    loss: z.number().min(0),
    cosine: z.number().min(-1.001).max(1.001),
    recallAt10: share,
    top1: z.strictObject({ before: share, mapped: share, after: share, gapClosed: z.number().nullable() }).nullable(),
  }),
  weights: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The path of the card beside weights. */
export function cardPath(weights: string): string {
  return weights.replace(/(\.safetensors)?$/, ".card.json");
}

/** Writes weights and, before them, their card; each appears whole or not at all. */
export function writeAdapter(
  path: string,
  weights: NamedArrays,
  card: Omit<AdapterCard, "format" | "weights">,
): AdapterCard {
  const { parts, digest } = sealed({ arrays: weights, facts: { kind: card.kind, direction: card.direction } });
  const whole: AdapterCard = { format: "fct adapter 1", ...card, weights: digest };
  writeRecord(cardPath(path), whole as unknown as { readonly [key: string]: Json });
  writeAtomically(path, ...parts);
  return whole;
}

/**
 * The card beside weights; null if there is none. Throws CorruptedFile if it is damaged, or the
 * card of other weights.
 */
export function readCard(weights: string): AdapterCard | null {
  const card = readRecord(cardPath(weights), cardSchema);
  if (card !== null && readSealed(weights).digest !== card.weights) {
    throw new CorruptedFile(cardPath(weights), `it is the card of other weights than ${weights}`);
  }
  return card;
}
