import type { ImageSplit } from "./dataset";
import { selectImages } from "./select-images";

/**
 * The images of the given classes, in their order. Labels and class names stay: an old classifier has outputs for all classes though it sees half.
 * Throws RangeError where no class is given, a label is unknown or a class has no image.
 */
export function classSubset(split: ImageSplit, classes: Int32Array): ImageSplit {
  if (classes.length === 0) throw new RangeError("a class subset needs at least one class, got 0");
  const present = new Set(split.labels);
  for (const label of classes) {
    const name = split.classNames[label];
    if (name === undefined) throw new RangeError(`class ${label}: 0 to ${split.classNames.length - 1} are allowed`);
    if (!present.has(label)) throw new RangeError(`class ${label} (${name}) has no image in this split`);
  }
  const kept = new Set(classes);
  const indices = Int32Array.from(split.labels.keys());
  return selectImages(
    split,
    indices.filter((index) => kept.has(split.labels[index] ?? -1)),
  );
}
