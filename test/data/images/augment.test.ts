import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { affineWarp, type ImageShape, randomAffine } from "../../../lib/data/images/affine";
import type { Augmentation } from "../../../lib/data/images/augment";
import { cropFlip, randomCropFlip } from "../../../lib/data/images/crop";
import { shapes } from "../../../lib/data/readers/shapes";
import type { ImageSplit } from "../../../lib/data/splits/dataset";

type AffineChange = ReturnType<typeof randomAffine>;

const still: AffineChange = { rotation: 0, scale: 1, shear: 0, shiftX: 0, shiftY: 0 };
const shape: ImageShape = [7, 9, 3];
const stream = random(2, "augment");
const image = Uint8Array.from({ length: 7 * 9 * 3 }, () => stream.integer(256));

function changed(change: Partial<AffineChange>, source: Uint8Array = image, size: ImageShape = shape): Float32Array {
  const target = new Float32Array(source.length);
  affineWarp(source, size, { ...still, ...change }, target);
  return target;
}

/** For each target pixel: undo shift, rotation, scale and shear, then sum over all pixels with weights of a tent. */
function naiveAffine([height, width, channels]: ImageShape, change: AffineChange): number[] {
  return Array.from({ length: image.length }, (_, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const shifted = [
      x - (width - 1) / 2 - change.shiftX * width,
      y - (height - 1) / 2 - change.shiftY * height,
    ] as const;
    const angle = Math.atan2(shifted[1], shifted[0]) - change.rotation;
    const radius = Math.hypot(...shifted) / change.scale;
    const v = radius * Math.sin(angle);
    const u = radius * Math.cos(angle) - change.shear * v;
    const tent = (distance: number): number => Math.max(0, 1 - Math.abs(distance));
    let sum = 0;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const weight = tent(row - v - (height - 1) / 2) * tent(column - u - (width - 1) / 2);
        sum += weight * (image[(row * width + column) * channels + c] ?? 0);
      }
    }
    return sum;
  });
}

describe("affine", () => {
  it("returns the image where nothing changes, exactly", () => {
    expect([...changed({})]).toEqual([...image]);
  });

  it("agrees with the naive twin for known and for random changes", () => {
    const random = stream.fork(0);
    const range = { rotation: 3, scale: 0.6, shear: 0.5, shift: 0.5 };
    const changes = [
      { ...still, rotation: Math.PI / 6 },
      { ...still, shear: 0.3 },
      ...Array.from({ length: 20 }, () => randomAffine(range, random)),
    ];
    for (const change of changes) {
      const expected = naiveAffine(shape, change);
      changed(change).forEach((value, i) => {
        expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(1e-3);
      });
    }
  });

  it("turns a quarter from x towards y, and shifts by shares of the side with 0 from outside", () => {
    const square: ImageShape = [2, 2, 1];
    const turned = changed({ rotation: Math.PI / 2 }, Uint8Array.of(1, 2, 3, 4), square);
    expect([...turned].map(Math.round)).toEqual([3, 1, 4, 2]);
    expect([...changed({ shiftX: 0.5 }, Uint8Array.of(1, 2, 3, 4), square)]).toEqual([0, 1, 0, 3]);
    expect([...changed({ shiftY: -0.5 }, Uint8Array.of(1, 2, 3, 4), square)]).toEqual([3, 4, 0, 0]);
    expect(changed({ shiftX: 3 }).every((value) => value === 0)).toBe(true);
  });

  it("draws each part within its range, and reaches near its ends", () => {
    const drawn = Array.from({ length: 2000 }, (_, i) =>
      randomAffine({ rotation: 0.4, scale: 0.3, shear: 0.2, shift: 0.1 }, stream.fork(i)),
    );
    for (const [part, low, high] of [
      ["rotation", -0.4, 0.4],
      ["scale", 0.7, 1.3],
      ["shear", -0.2, 0.2],
      ["shiftX", -0.1, 0.1],
      ["shiftY", -0.1, 0.1],
    ] as const) {
      const values = drawn.map((change) => change[part]);
      const margin = (high - low) / 100;
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
      expect(Math.min(...values)).toBeLessThan(low + margin);
      expect(Math.max(...values)).toBeGreaterThan(high - margin);
    }
  });
});

describe("cropFlip", () => {
  const row = Uint8Array.of(1, 2, 3, 4);
  const cropped = (top: number, left: number, mirrored: boolean): number[] => {
    const target = new Float32Array(4);
    cropFlip(row, [1, 4, 1], { top, left, mirrored }, target);
    return [...target];
  };

  it("crops with reflection and mirrors the crop", () => {
    expect(cropped(0, 0, false)).toEqual([1, 2, 3, 4]);
    expect(cropped(0, 0, true)).toEqual([4, 3, 2, 1]);
    expect(cropped(0, -2, false)).toEqual([3, 2, 1, 2]);
    expect(cropped(0, 3, false)).toEqual([4, 3, 2, 1]);
    expect(cropped(0, 1, true)).toEqual([3, 4, 3, 2]);
  });

  it("draws every position, mirrored half of the time", () => {
    const drawn = Array.from({ length: 4000 }, (_, i) => randomCropFlip(2, stream.fork(i)));
    expect(new Set(drawn.map(({ top, left }) => `${top} ${left}`)).size).toBe(25);
    expect(Math.max(...drawn.map(({ top }) => Math.abs(top)))).toBe(2);
    const mirrored = drawn.filter((crop) => crop.mirrored).length / drawn.length;
    expect(mirrored).toBeGreaterThan(0.46);
    expect(mirrored).toBeLessThan(0.54);
  });
});

describe("a split's views", () => {
  const views: readonly Augmentation[] = [
    { kind: "affine", rotation: 0.15, scale: 0.15, shear: 0.2, shift: 0.1 },
    { kind: "crop-flip", padding: 4 },
    { kind: "flip" },
    { kind: "resized-crop", minArea: 0.08 },
  ];
  let split: ImageSplit;
  beforeAll(() => {
    split = shapes({ side: 16, perClass: 1, seed: 1 }).train;
  });

  it.each(views)("depend on image and stream alone: $kind", async (augmentation) => {
    const load = (seed: number, ...indices: number[]): Promise<Float32Array> =>
      split.load(Int32Array.from(indices), { augmentation, random: random(seed) });
    const batch = await load(1, 4, 9, 9, 20);
    const size = 16 * 16 * 3;
    expect(await load(1, 4, 9, 9, 20)).toEqual(batch);
    expect(await load(1, 20)).toEqual(batch.slice(3 * size));
    expect(batch.slice(size, 2 * size)).toEqual(batch.slice(2 * size, 3 * size));
    expect(await load(2, 4, 9, 9, 20)).not.toEqual(batch);
  });

  it("of a flip are the image or its mirror image, about as often", async () => {
    const plain = await split.load(Int32Array.of(7));
    const mirror = Float32Array.from(plain, (_, i) => {
      const [c, x, row] = [i % 3, Math.floor(i / 3) % 16, Math.floor(i / 48)];
      return plain[(row * 16 + 15 - x) * 3 + c] ?? Number.NaN;
    });
    let mirrored = 0;
    for (let seed = 0; seed < 200; seed++) {
      const view = await split.load(Int32Array.of(7), { augmentation: { kind: "flip" }, random: random(seed) });
      const isMirror = view.every((value, i) => value === mirror[i]);
      expect(isMirror || view.every((value, i) => value === plain[i])).toBe(true);
      mirrored += isMirror ? 1 : 0;
    }
    expect(Math.abs(mirrored - 100)).toBeLessThan(30);
  });

  it("are the images themselves where nothing may change", async () => {
    const all = Int32Array.from(split.labels.keys());
    const nothing = { kind: "affine", rotation: 0, scale: 0, shear: 0, shift: 0 } as const;
    expect(await split.load(all, { augmentation: nothing, random: random(3) })).toEqual(await split.load(all));
  });

  it.each([
    [{ kind: "affine", rotation: -1, scale: 0, shear: 0, shift: 0 }, /^rotation: .*at least 0, got -1$/],
    [{ kind: "affine", rotation: 0, scale: 1, shear: 0, shift: 0 }, /^scale: .*below 1, got 1$/],
    [{ kind: "affine", rotation: 0, scale: 0, shear: Number.NaN, shift: 0 }, /^shear: .*at least 0, got NaN$/],
    [{ kind: "crop-flip", padding: 16 }, /^padding in pixels: .*from 0 to 15, got 16$/],
    [{ kind: "crop-flip", padding: 1.5 }, /^padding in pixels: .*got 1.5$/],
    [{ kind: "resized-crop", minArea: 0 }, /^minArea: .*above 0 and at most 1, got 0$/],
    [{ kind: "resized-crop", minArea: 1.1 }, /^minArea: .*at most 1, got 1.1$/],
  ] as const)("refuse %j", async (augmentation, message) => {
    await expect(split.load(Int32Array.of(0), { augmentation, random: random(1) })).rejects.toThrow(message);
  });
});
