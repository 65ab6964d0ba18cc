import type { Random } from "../../core/random";

/** Height, width and channels of an image stored row by row, channels last. */
export type ImageShape = readonly [number, number, number];

/** An affine change: angle in radians, factors of scale and shear, shifts as shares of the side. */
interface AffineChange {
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** How far a random change goes: each part is uniform within plus or minus its number. */
interface AffineRange {
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
  readonly shift: number;
}

/** A random change within the range. */
export function randomAffine(range: AffineRange, random: Random): AffineChange {
  const within = (limit: number): number => limit * random.uniform(-1, 1);
  const rotation = within(range.rotation);
  const scale = 1 + within(range.scale);
  const shear = within(range.shear);
  return { rotation, scale, shear, shiftX: within(range.shift), shiftY: within(range.shift) };
}

/**
 * Writes the image into `target` sheared along x, scaled and rotated about its centre (from x
 * towards y, which points down), then shifted. Bilinear; the outside of the image is 0.
 */
export function affineWarp(source: Uint8Array, shape: ImageShape, change: AffineChange, target: Float32Array): void {
  const [height, width, channels] = shape;
  const cosine = Math.cos(change.rotation) / change.scale;
  const sine = Math.sin(change.rotation) / change.scale;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  for (let y = 0; y < height; y++) {
    const dy = y - centreY - change.shiftY * height;
    for (let x = 0; x < width; x++) {
      const dx = x - centreX - change.shiftX * width;
      const v = cosine * dy - sine * dx;
      const u = cosine * dx + sine * dy - change.shear * v;
      bilinear(source, shape, centreX + u, centreY + v, target, (y * width + x) * channels);
    }
  }
}

function bilinear(
  source: Uint8Array,
  [height, width, channels]: ImageShape,
  x: number,
  y: number,
  target: Float32Array,
  offset: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const bottom = y - top;
  const topWeight = top >= 0 && top < height ? 1 - bottom : 0;
  const bottomWeight = top >= -1 && top < height - 1 ? bottom : 0;
  const leftWeight = left >= 0 && left < width ? 1 - right : 0;
  const rightWeight = left >= -1 && left < width - 1 ? right : 0;
  const topRow = clamp(top, height) * width;
  const bottomRow = clamp(top + 1, height) * width;
  const leftColumn = clamp(left, width);
  const rightColumn = clamp(left + 1, width);
  for (let c = 0; c < channels; c++) {
    const upper =
      leftWeight * (source[(topRow + leftColumn) * channels + c] as number) +
      rightWeight * (source[(topRow + rightColumn) * channels + c] as number);
    const lower =
      leftWeight * (source[(bottomRow + leftColumn) * channels + c] as number) +
      rightWeight * (source[(bottomRow + rightColumn) * channels + c] as number);
    target[offset + c] = topWeight * upper + bottomWeight * lower;
  }
}

function clamp(index: number, size: number): number {
  return index < 0 ? 0 : index >= size ? size - 1 : index;
}
