import type { ImageSplit } from "./dataset";

/** New names of the classes, and for every class of the split the new class it belongs to. */
export interface Relabelling {
  readonly classNames: readonly string[];
  readonly classOf: Int32Array;
}

/** The same images under other classes, for example colour x shape under colours. Throws RangeError where the map does not fit the split. */
export function relabel(split: ImageSplit, { classNames, classOf }: Relabelling): ImageSplit {
  if (classOf.length !== split.classNames.length) {
    throw new RangeError(`a map of ${classOf.length} classes for a split of ${split.classNames.length} classes`);
  }
  for (const label of classOf) {
    if (!(label >= 0 && label < classNames.length)) {
      throw new RangeError(`new class ${label}: 0 to ${classNames.length - 1} are allowed`);
    }
  }
  return { ...split, classNames, labels: split.labels.map((label) => classOf[label] ?? -1) };
}
