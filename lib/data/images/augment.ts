import type { Random } from "../../core/random";
import type { Augmentation } from "../splits/dataset";
import { affineWarp, type ImageShape, randomAffine } from "./affine";
import { cropBox, cropDraws, cropFlip, randomCropFlip, resizedCrop } from "./crop";

/** One random view of an image, its values in the source's range, into `target`. */
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
      const draws = cropDraws(random);
      resizedCrop(source, shape, cropBox(draws, augmentation.minArea, shape[0], shape[1]), draws.mirrored, target);
      return;
    }
  }
}

/** Throws RangeError where an augmentation cannot be applied to images of this shape. */
export function checkAugmentation(augmentation: Augmentation, [height, width]: ImageShape): void {
  switch (augmentation.kind) {
    case "affine":
      checkAffine(augmentation);
      return;
    case "crop-flip":
      checkPadding(augmentation.padding, Math.min(height, width));
      return;
    case "flip":
      return;
    case "resized-crop":
      checkMinArea(augmentation.minArea);
      return;
  }
}

function checkAffine({ rotation, scale, shear, shift }: Extract<Augmentation, { readonly kind: "affine" }>): void {
  for (const [name, value] of Object.entries({ rotation, scale, shear, shift })) {
    if (!(Number.isFinite(value) && value >= 0)) throw new RangeError(`${name} ${value}: 0 or more is allowed`);
  }
  if (scale >= 1) throw new RangeError(`scale ${scale}: below 1 is allowed`);
}

function checkPadding(padding: number, side: number): void {
  if (!(Number.isInteger(padding) && padding >= 0 && padding < side)) {
    throw new RangeError(`padding ${padding}: whole pixels from 0 to ${side - 1} are allowed`);
  }
}

function checkMinArea(minArea: number): void {
  if (!(minArea > 0 && minArea <= 1)) throw new RangeError(`minArea ${minArea}: above 0 and at most 1 is allowed`);
}
