import type { Environment } from "../../core/environment";
import { hashOf } from "../../core/hash";
import type { Making, Piece } from "./result";

/**
 * The making of a result that extends a committed one: the pieces of work of both, one that both
 * have as the committed result has it. When and where the newest piece was made is the further
 * work's.
 */
export function joinedMaking(kept: Making, more: Making): Making {
  const environments = distinct(kept.environments);
  const datasets = distinct(kept.datasets);
  const { environments: madeIn = [], datasets: read = [] } = more;
  const known = new Set(kept.pieces?.map(({ key }) => key));
  const added = (more.pieces ?? [])
    .filter(({ key }) => !known.has(key))
    .map(
      ({ environment, dataset, ...piece }): Piece => ({
        ...piece,
        environment: environments.placeOf(madeIn[environment] as Environment),
        ...(dataset === undefined
          ? {}
          : { dataset: datasets.placeOf(read[dataset] as Readonly<Record<string, string>>) }),
      }),
    );
  return {
    ...more,
    trainingSeconds: kept.trainingSeconds + added.reduce((sum, { seconds }) => sum + seconds, 0),
    environments: environments.values,
    datasets: datasets.values,
    pieces: [...(kept.pieces ?? []), ...added],
  };
}

/** A growing list, of `first` at the beginning, in which each value stands once. */
export function distinct<T>(first: readonly T[] = []): {
  readonly values: readonly T[];
  readonly placeOf: (value: T) => number;
} {
  const values: T[] = [];
  const places = new Map<string, number>();
  const placeOf = (value: T): number => {
    const id = hashOf(value);
    const place = places.get(id) ?? values.push(value) - 1;
    places.set(id, place);
    return place;
  };
  first.forEach(placeOf);
  return { values, placeOf };
}
