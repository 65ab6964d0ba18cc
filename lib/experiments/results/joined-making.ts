import { hashOf } from "../../core/hash";
import type { Making, Piece } from "./result";

/**
 * The making of a result that extends a committed one: the pieces of work of both, one that both
 * have as the committed result has it. When and where the newest piece was made is the further
 * work's.
 */
export function joinedMaking(kept: Making, more: Making): Making {
  const environments = distinct(kept.environments ?? [], more.environments ?? []);
  const datasets = distinct(kept.datasets ?? [], more.datasets ?? []);
  const known = new Set(kept.pieces?.map(({ key }) => key));
  const added = (more.pieces ?? [])
    .filter(({ key }) => !known.has(key))
    .map(
      ({ environment, dataset, ...piece }): Piece => ({
        ...piece,
        environment: environments.placeOf(environment),
        ...(dataset === undefined ? {} : { dataset: datasets.placeOf(dataset) }),
      }),
    );
  return {
    ...more,
    trainingSeconds: kept.trainingSeconds + added.reduce((sum, { seconds }) => sum + seconds, 0),
    environments: environments.all,
    datasets: datasets.all,
    pieces: [...(kept.pieces ?? []), ...added],
  };
}

/** Two lists as one in which each value stands once, and where a place of the second came to be. */
function distinct<T>(
  first: readonly T[],
  second: readonly T[],
): { readonly all: readonly T[]; readonly placeOf: (place: number) => number } {
  const all = [...new Map([...first, ...second].map((value) => [hashOf(value), value])).values()];
  const places = new Map(all.map((value, place) => [hashOf(value), place]));
  return { all, placeOf: (place) => places.get(hashOf(second[place])) as number };
}
