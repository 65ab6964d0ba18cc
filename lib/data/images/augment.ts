import { unexpected, wholeNumber } from "../../core/check";
import type { Random } from "../../core/random";
import { affineWarp, type ImageShape, randomAffine } from "./affine";
import { type ColourChange, changeColours, checkColourChange, colourDraws } from "./colour";
import { cropBox, cropDraws, cropFlip, randomCropFlip, resizedCrop } from "./crop";

/**
 * How a training image is varied. Angles are in radians, shear is a factor, scale and shift are
 * shares of the side.
 */
export type Augmentation =
  | {
      readonly kind: "affine";
      readonly rotation: number;
      readonly scale: number;
      readonly shear: number;
      readonly shift: number;
    }
  | { readonly kind: "crop-flip"; readonly padding: number }
  | { readonly kind: "flip" }
  /**
   * A crop of minArea to 1 of the image's area with an aspect of 3/4 to 4/3, resized to the whole
   * and mirrored half of the time; with `colour` its colours are then changed.
   */
  | { readonly kind: "resized-crop"; readonly minArea: number; readonly colour?: ColourChange };

/** Writes one random view of an image into `target`, its values in the source's range. */
export function augment(
  source: Uint8Array,
  shape: ImageShape,
  augmentation: Augmentation,
  random: Random,
  target: Float32Array,
): void {
  switch (augmentation.kind) {
    case "affine":
      affineWarp(source, shape, randomAffine(augmentation, random), target);
      return;
    case "crop-flip":
      cropFlip(source, shape, randomCropFlip(augmentation.padding, random), target);
      return;
    case "flip":
      cropFlip(source, shape, { top: 0, left: 0, mirrored: random.uniform() < 0.5 }, target);
      return;
    case "resized-crop": {
      const [height, width] = shape;
      const draws = cropDraws(random);
      const box = cropBox(draws, augmentation.minArea, height, width);
      resizedCrop(source, shape, { box, mirrored: draws.mirrored, height, width }, target);
      if (augmentation.colour !== undefined) changeColours(target, colourDraws(augmentation.colour, random));
      return;
    }
  }
}

/** Throws RangeError if an augmentation cannot be applied to images of this shape. */
export function checkAugmentation(augmentation: Augmentation, [height, width, channels]: ImageShape): void {
  switch (augmentation.kind) {
    case "affine":
      checkAffine(augmentation);
      return;
    case "crop-flip":
      wholeNumber("padding in pixels", augmentation.padding, { least: 0, most: Math.min(height, width) - 1 });
      return;
    case "flip":
      return;
    case "resized-crop":
      checkMinArea(augmentation.minArea);
      if (augmentation.colour === undefined) return;
      if (channels !== 3) throw unexpected("a change of colours", "images of three channels", channels);
      checkColourChange(augmentation.colour);
      return;
  }
}

function checkAffine({ rotation, scale, shear, shift }: Extract<Augmentation, { readonly kind: "affine" }>): void {
  for (const [name, value] of Object.entries({ rotation, scale, shear, shift })) {
    if (!(Number.isFinite(value) && value >= 0)) throw unexpected(name, "a number of at least 0", value);
  }
  if (scale >= 1) throw unexpected("scale", "a number below 1", scale);
}

function checkMinArea(minArea: number): void {
  if (!(minArea > 0 && minArea <= 1)) throw unexpected("minArea", "a number above 0 and at most 1", minArea);
}
