import { basename } from "node:path";
import type { AdapterCard } from "../../adapters/card";
import { recordBeside } from "../../core/artifacts/obtain";
import { InputError } from "../../core/input-error";

/** The inputs of a mapping that can be confused: `side` is null if none was named. */
interface SideChoice {
  /** The file of h's weights. */
  readonly weights: string;
  /** What is known of h; null for weights without a card. */
  readonly card: AdapterCard | null;
  readonly old: { readonly name: string; readonly columns: number };
  readonly side: { readonly name: string; readonly columns: number } | null;
}

/**
 * What the user should know of the side-information, if the dimensions cannot tell whether it is
 * the right one; null if they can. Throws InputError if the record beside the weights says that h
 * was trained with side-information and none was named.
 */
export function sideNote({ weights, card, old, side }: SideChoice): string | null {
  if (card !== null) return cardNote({ weights, card, side });
  const trained = trainedWithSide(weights);
  if (side === null) {
    if (trained?.withSide) {
      const fault = `this h was trained with side-information (${trained.label})`;
      throw new InputError({ file: weights, fault, remedy: "name it by --side" });
    }
    return "no --side given: the old embedding takes its place, as in h trained without side-information";
  }
  if (trained?.withSide === false) return `${weights} was trained without side-information (${trained.label})`;
  if (side.columns !== old.columns) return null;
  const roles = `${old.name} is taken as the old embeddings, ${side.name} as the side-information`;
  return `${roles}: both have ${old.columns} dimensions, so that h cannot tell if they are swapped`;
}

/** A card tells whether side-information is needed, and the fingerprints whether it is swapped. */
function cardNote({
  weights,
  card,
  side,
}: Pick<SideChoice, "weights" | "side"> & { readonly card: AdapterCard }): null {
  const needed = card.sizes.side;
  if (side === null && needed !== null) {
    const fault = `this h was learned with side-information of ${needed} dimensions`;
    throw new InputError({ file: weights, fault, remedy: "name it by --side" });
  }
  if (side !== null && needed === null) {
    throw new InputError({
      file: weights,
      fault: "this h was learned without side-information",
      remedy: "leave --side out",
    });
  }
  return null;
}

/** Null if the weights do not lie in a cache, or in one of an earlier version. */
function trainedWithSide(weights: string): { readonly withSide: boolean; readonly label: string } | null {
  if (!/^transform-[0-9a-f]{32}\.safetensors$/.test(basename(weights))) return null;
  const record = recordBeside(weights);
  // The first inputs of the training are the old embeddings and what takes the side's place.
  const [old, side] = record?.inputs ?? [];
  return record === null || old === undefined ? null : { withSide: old !== side, label: record.label };
}
