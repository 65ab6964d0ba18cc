import { expect } from "vitest";
import { random } from "../../lib/core/random";
import { tf } from "../../lib/tf/tensorflow";

/** `count` standard normal numbers, exact in 32 bits. */
export function normals(name: string, count: number, scale = 1): Float32Array {
  const stream = random(7, name);
  return Float32Array.from({ length: count }, () => scale * stream.normal());
}

interface Agreement {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** The loss under test, a scalar. */
  readonly loss: (x: tf.Tensor) => tf.Tensor;
  /** The same in float64. */
  readonly twin: (x: Float64Array) => number;
  readonly tolerance?: number;
}

/**
 * The loss equals its twin, its gradient equals the twin's central differences, and nothing stays
 * in memory. Differences are taken of the twin, in float64, so that the tolerance is that of the
 * loss's 32 bits.
 */
export function expectAgreement({ shape, values, loss, twin, tolerance = 1e-5 }: Agreement): void {
  const before = tf.memory().numTensors;
  const { value, gradient } = valueAndGradient(shape, values, loss);
  expect(tf.memory().numTensors).toBe(before);
  const point = Float64Array.from(values);
  expectClose(value, twin(point), tolerance);
  const differences = centralDifferences(twin, point);
  for (let i = 0; i < gradient.length; i++) expectClose(gradient[i] ?? Number.NaN, differences[i] ?? 0, tolerance);
}

function valueAndGradient(shape: readonly number[], values: ArrayLike<number>, loss: (x: tf.Tensor) => tf.Tensor) {
  const x = tf.tensor(Float32Array.from(values), [...shape]);
  const { value, grad } = tf.valueAndGrad(loss)(x);
  const result = { value: value.dataSync()[0] ?? Number.NaN, gradient: Array.from(grad.dataSync()) };
  tf.dispose([x, value, grad]);
  return result;
}

function centralDifferences(twin: (x: Float64Array) => number, point: Float64Array, step = 1e-5): Float64Array {
  return point.map((_, i) => {
    const moved = (by: number): number => twin(point.map((value, j) => (i === j ? value + by : value)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

/** Within `tolerance`, absolute below 1 and relative above. */
export function expectClose(actual: number, expected: number, tolerance = 1e-5): void {
  expect(Math.abs(actual - expected), `${actual} beside ${expected}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}
