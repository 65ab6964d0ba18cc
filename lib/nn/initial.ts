import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";

/** A convolution's weights [side, side, input, output], uniform within ±1/sqrt(side side input): PyTorch's default, as the official code. */
export function initialConvolution(random: Random, side: number, input: number, output: number): NamedArray {
  const bound = 1 / Math.sqrt(side * side * input);
  const data = Float32Array.from({ length: side * side * input * output }, () => random.uniform(-bound, bound));
  return { shape: [side, side, input, output], data };
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

/** A normalisation that changes nothing yet: `name`.scale 1, .offset 0, .mean 0, .variance 1. */
export function initialNorm(name: string, channels: number): Record<string, NamedArray> {
  const constant = (value: number): NamedArray => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
  return {
    [`${name}.scale`]: constant(1),
    [`${name}.offset`]: constant(0),
    [`${name}.mean`]: constant(0),
    [`${name}.variance`]: constant(1),
  };
}
