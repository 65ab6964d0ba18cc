import { bilinear } from "./bilinear";
import type { ImageSplit } from "./dataset";

/**
 * The same images enlarged to side x side when they are loaded, not before. An augmentation sees the stored image: its pixels are those of the
 * smaller one. A split of that side already is returned as it is.
 */
export function resizedSplit(split: ImageSplit, side: number): ImageSplit {
  const [height, width] = split.shape;
  if (height === side && width === side) return split;
  const enlarge = bilinear(height, width, 3, side);
  const size = side * side * 3;
  return {
    ...split,
    shape: [side, side, 3],
    load: async (indices, view) => {
      const small = await split.load(indices, view);
      const large = new Float32Array(indices.length * size);
      const source = height * width * 3;
      for (let i = 0; i < indices.length; i++) {
        enlarge(small.subarray(i * source, (i + 1) * source), large.subarray(i * size, (i + 1) * size));
      }
      return large;
    },
    pixels: async (index) => {
      const large = new Float32Array(size);
      enlarge(await split.pixels(index), large);
      return Uint8Array.from(large, Math.round);
    },
  };
}
