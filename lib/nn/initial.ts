import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";

/** Where starting values come from; "zeros" gives their shapes without drawing anything. */
export type ValueSource = Random | "zeros";

/**
 * A convolution's weights [side, side, input, output], uniform within ±1/sqrt(side side input):
 * PyTorch's default, which the official code uses.
 */
export function initialConvolution(source: ValueSource, side: number, input: number, output: number): NamedArray {
  return uniform(source, [side, side, input, output], 1 / Math.sqrt(side * side * input));
}

/**
 * A depthwise convolution's weights [side, side, channels, 1], uniform within ±1/side (PyTorch's
 * default).
 */
export function initialDepthwise(source: ValueSource, side: number, channels: number): NamedArray {
  return uniform(source, [side, side, channels, 1], 1 / side);
}

/**
 * A matrix [input, output], uniform within ±1/sqrt(input): PyTorch's default for linear maps and
 * for 1x1 convolutions.
 */
export function initialLinear(source: ValueSource, input: number, output: number): NamedArray {
  return uniform(source, [input, output], 1 / Math.sqrt(input));
}

/** A bias [size], uniform within ±1/sqrt(input). */
export function initialBias(source: ValueSource, input: number, size: number): NamedArray {
  return uniform(source, [size], 1 / Math.sqrt(input));
}

/** A matrix [input, output], uniform within ±sqrt(6 / (input + output)) (Xavier). */
export function initialXavier(source: ValueSource, input: number, output: number): NamedArray {
  return uniform(source, [input, output], Math.sqrt(6 / (input + output)));
}

/** Normal with the given standard deviation; values beyond two deviations are drawn again. */
export function initialNormal(source: ValueSource, shape: readonly number[], deviation: number): NamedArray {
  return drawn(source, shape, (random) => deviation * withinTwo(random));
}

function withinTwo(random: Random): number {
  const value = random.normal();
  return Math.abs(value) <= 2 ? value : withinTwo(random);
}

function uniform(source: ValueSource, shape: readonly number[], bound: number): NamedArray {
  return drawn(source, shape, (random) => random.uniform(-bound, bound));
}

function drawn(source: ValueSource, shape: readonly number[], draw: (random: Random) => number): NamedArray {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = new Float32Array(length);
  if (source === "zeros") return { shape, data };
  // Four times as fast as Float32Array.from; a network has millions of weights.
  for (let i = 0; i < length; i++) data[i] = draw(source);
  return { shape, data };
}

/** [size] of one value. */
export function initialConstant(size: number, value: number): NamedArray {
  return { shape: [size], data: new Float32Array(size).fill(value) };
}

/** A normalisation that changes nothing yet: `name`.scale 1, .offset 0, .mean 0, .variance 1. */
export function initialNorm(name: string, channels: number): Record<string, NamedArray> {
  return {
    [`${name}.scale`]: initialConstant(channels, 1),
    [`${name}.offset`]: initialConstant(channels, 0),
    [`${name}.mean`]: initialConstant(channels, 0),
    [`${name}.variance`]: initialConstant(channels, 1),
  };
}
