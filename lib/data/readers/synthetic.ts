import { wholeNumber } from "../../core/check";
import { hashOf } from "../../core/hash";
import { type Random, random } from "../../core/random";
import { checkIndex, type Dataset, type ImageSplit, type SplitSizes } from "../splits/dataset";
import { bytesSplit } from "../splits/memory-split";

/** Images drawn when they are loaded and never stored, for full-size runs without a dataset. */
export interface SyntheticRecipe {
  readonly side: number;
  readonly classes: number;
  /** Images of a class, in training and in test each. */
  readonly perClass: number;
  readonly seed: number;
}

/** One wave of a class's pattern: periods over the side, and how much of it each colour has. */
interface Wave {
  readonly down: number;
  readonly across: number;
  readonly colour: readonly number[];
}

const waves = 3;
const contrast = 45;
const noise = 24;
const normalisation = {
  mean: [127.5, 127.5, 127.5],
  // Of the uniform noise and a sum of products of two cosines, each with a variance of 1/2.
  deviation: Array.from({ length: 3 }, () => Math.sqrt((waves * contrast ** 2) / 4 + noise ** 2 / 3)),
};

/** Images of each split. */
export function syntheticSize({ classes, perClass }: Pick<SyntheticRecipe, "classes" | "perClass">): SplitSizes {
  return { train: classes * perClass, test: classes * perClass };
}

/**
 * Each class has a pattern of coloured waves, which its images show shifted and under noise. Class
 * names are numbers of equal length.
 */
export function synthetic({ side, classes, perClass, seed }: SyntheticRecipe): Dataset {
  wholeNumber("side of synthetic images", side, { least: 8 });
  wholeNumber("synthetic classes", classes, { least: 1 });
  wholeNumber("synthetic images perClass", perClass, { least: 1 });
  const digits = String(classes - 1).length;
  const classNames = Array.from({ length: classes }, (_, label) => String(label).padStart(digits, "0"));
  const patterns = classNames.map((_, label) => randomWaves(random(seed, "synthetic", "class", label)));
  const labels = Int32Array.from({ length: classes * perClass }, (_, index) => Math.floor(index / perClass));
  const grain = noiseTable(random(seed, "synthetic", "noise"));
  const split = (name: string): ImageSplit => {
    const stream = random(seed, "synthetic", name);
    const image = (index: number): Uint8Array => {
      checkIndex(index, labels.length);
      return drawWaves(patterns[labels[index] as number] ?? [], side, grain, stream.fork(index));
    };
    return bytesSplit({ height: side, width: side, channels: 3, image }, labels, classNames, normalisation);
  };
  const recipe = hashOf({ name: "synthetic", side, classes, perClass, seed });
  return {
    train: split("train"),
    test: split("test"),
    identity: async () => ({ kind: "recipe", train: recipe, test: recipe }),
  };
}

function randomWaves(stream: Random): readonly Wave[] {
  return Array.from({ length: waves }, () => ({
    down: stream.uniform(0.5, 4),
    across: stream.uniform(0.5, 4),
    colour: Array.from({ length: 3 }, () => contrast * (stream.uniform() < 0.5 ? -1 : 1)),
  }));
}

/**
 * Uniform noise drawn once: an image takes a stretch of it from a place of its own, because drawing
 * a number for every byte would take longer than all the rest.
 */
function noiseTable(stream: Random): Float32Array {
  return Float32Array.from({ length: 2 ** 16 }, () => stream.uniform(-noise, noise));
}

function drawWaves(pattern: readonly Wave[], side: number, grain: Float32Array, stream: Random): Uint8Array {
  const values = new Float32Array(side * side * 3).fill(127.5);
  for (const { down, across, colour } of pattern) {
    const rows = cosines(down, side, stream.uniform(0, 2 * Math.PI));
    const columns = cosines(across, side, stream.uniform(0, 2 * Math.PI));
    addProducts(values, rows, columns, colour);
  }
  return withGrain(values, grain, stream.integer(grain.length));
}

function cosines(periods: number, side: number, phase: number): Float32Array {
  return Float32Array.from({ length: side }, (_, i) => Math.cos((2 * Math.PI * periods * i) / side + phase));
}

function addProducts(
  values: Float32Array,
  rows: Float32Array,
  columns: Float32Array,
  [red = 0, green = 0, blue = 0]: readonly number[],
): void {
  let at = 0;
  for (const row of rows) {
    for (let x = 0; x < columns.length; x++, at += 3) {
      const wave = row * (columns[x] as number);
      values[at] = (values[at] as number) + red * wave;
      values[at + 1] = (values[at + 1] as number) + green * wave;
      values[at + 2] = (values[at + 2] as number) + blue * wave;
    }
  }
}

function withGrain(values: Float32Array, grain: Float32Array, start: number): Uint8Array {
  const image = new Uint8Array(values.length);
  const last = grain.length - 1;
  for (let i = 0; i < image.length; i++) {
    const value = (values[i] as number) + (grain[(start + i) & last] as number);
    image[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
  return image;
}
