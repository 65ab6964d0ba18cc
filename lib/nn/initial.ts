import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";

/** A convolution's weights [side, side, input, output], uniform within ±1/sqrt(side side input): PyTorch's default, as the official code. */
export function initialConvolution(random: Random, side: number, input: number, output: number): NamedArray {
  const bound = 1 / Math.sqrt(side * side * input);
  const data = Float32Array.from({ length: side * side * input * output }, () => random.uniform(-bound, bound));
  return { shape: [side, side, input, output], data };
}

/** A depthwise convolution's weights [side, side, channels, 1], uniform within ±1/side (PyTorch's default). */
export function initialDepthwise(random: Random, side: number, channels: number): NamedArray {
  const { data } = initialConvolution(random, side, 1, channels);
  return { shape: [side, side, channels, 1], data };
}

/** A matrix [input, output], uniform within ±1/sqrt(input) (PyTorch's default for linear maps and 1x1 convolutions). */
export function initialLinear(random: Random, input: number, output: number): NamedArray {
  const bound = 1 / Math.sqrt(input);
  const data = Float32Array.from({ length: input * output }, () => random.uniform(-bound, bound));
  return { shape: [input, output], data };
}

/** A bias [size], uniform within ±1/sqrt(input). */
export function initialBias(random: Random, input: number, size: number): NamedArray {
  const bound = 1 / Math.sqrt(input);
  return { shape: [size], data: Float32Array.from({ length: size }, () => random.uniform(-bound, bound)) };
}

/** A matrix [input, output], uniform within ±sqrt(6 / (input + output)) (Xavier). */
export function initialXavier(random: Random, input: number, output: number): NamedArray {
  const bound = Math.sqrt(6 / (input + output));
  const data = Float32Array.from({ length: input * output }, () => random.uniform(-bound, bound));
  return { shape: [input, output], data };
}

/** Normal with the given deviation, drawn anew where it is beyond two deviations. */
export function initialNormal(random: Random, shape: readonly number[], deviation: number): NamedArray {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length }, () => deviation * withinTwo(random)) };
}

function withinTwo(random: Random): number {
  const value = random.normal();
  return Math.abs(value) <= 2 ? value : withinTwo(random);
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
