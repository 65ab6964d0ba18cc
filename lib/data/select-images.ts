import type { ImageSplit } from "./dataset";

/** The images at `indices`, in that order. An image keeps the index it has in `split` for its augmentation: it is varied there as here. */
export function selectImages(split: ImageSplit, indices: Int32Array): ImageSplit {
  for (const index of indices) checkIndex(index, split.labels.length);
  const original = (index: number): number => {
    checkIndex(index, indices.length);
    return indices[index] ?? 0;
  };
  return {
    ...split,
    labels: indices.map((index) => split.labels[index] ?? 0),
    load: async (chosen, view) => split.load(chosen.map(original), view),
    pixels: async (index) => split.pixels(original(index)),
  };
}

function checkIndex(index: number, count: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`image ${index} of a split of ${count} images`);
  }
}
