import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import type { NamedArrays } from "../core/named-arrays";
import { type SpaceRole, spaceId, spreadGap } from "./space";

/** The most that vectors of the space are taken to be apart. */
export const mostSpread: number = 0.75;
/** Fewer vectors say too little of how they spread. */
export const fewestVectors: number = 50;

/**
 * Throws InputError if vectors of `name` are not of the space that the weights of `file` know in
 * this role. Nothing is known of the space, and nothing is refused, if the weights hold no
 * fingerprint or there are fewer than 50 vectors.
 */
export function requireSpace(
  role: SpaceRole,
  weights: NamedArrays,
  { name, vectors, file }: { readonly name: string; readonly vectors: Matrix; readonly file: string },
): void {
  if (weights[`space.${role}.mean`] === undefined || vectors.rows < fewestVectors) return;
  const gap = spreadGap(role, weights, vectors);
  if (gap <= mostSpread) return;
  throw new InputError({
    file: name,
    fault: `these vectors are of another space than ${file} was learned from (${spaceId(role, weights)}): their spread is ${gap.toFixed(2)} away, ${mostSpread} is allowed`,
    remedy: "name vectors of the model that it was learned from, or pass --any-space to map them all the same",
  });
}
