import { tf } from "../../tf/tensorflow";

/**
 * Rotary positions (arXiv 2104.09864): the first `features` of a head in pairs, the first of which
 * lie in their first half and the second in their second. Pair i of a token at place p is turned by
 * the angle p base^(-2 i / features).
 */
export interface RotaryPositions {
  readonly features: number;
  readonly base: number;
  readonly scaling?: RotaryScaling;
}

/**
 * How angles were made smaller for a longer context: all by a factor, or as Llama 3.1 does, those
 * of few turns within the `original` context by the factor, those of many not at all, and those of
 * `low` to `high` turns by something in between.
 */
export type RotaryScaling =
  | { readonly kind: "linear"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly low: number;
      readonly high: number;
      readonly original: number;
    };

/** Turns `y` [batch, heads, tokens, size], the tokens being those at the places 0 to tokens - 1. */
export function rotation(rotary: RotaryPositions, tokens: number): (y: tf.Tensor4D) => tf.Tensor4D {
  const half = rotary.features / 2;
  const steps = Array.from({ length: half }, (_, pair) => angle(rotary, pair));
  const table = (of: (angle: number) => number): tf.Tensor2D =>
    tf.tensor2d(
      Float32Array.from({ length: tokens * half }, (_, i) => of(Math.floor(i / half) * (steps[i % half] as number))),
      [tokens, half],
    );
  const [cosines, sines] = [table(Math.cos), table(Math.sin)];
  return (y) => {
    const [batch, heads, , size] = y.shape;
    const part = (start: number, count: number): tf.Tensor4D =>
      tf.slice(y, [0, 0, 0, start], [batch, heads, tokens, count]);
    const [first, second] = [part(0, half), part(half, half)];
    const turned = [
      tf.sub(tf.mul(first, cosines), tf.mul(second, sines)),
      tf.add(tf.mul(second, cosines), tf.mul(first, sines)),
    ] as tf.Tensor4D[];
    const rest = size - rotary.features;
    return tf.concat(rest === 0 ? turned : [...turned, part(rotary.features, rest)], 3);
  };
}

/** The angle by which a pair is turned from one token to the next. */
function angle({ features, base, scaling }: RotaryPositions, pair: number): number {
  const plain = base ** ((-2 * pair) / features);
  if (scaling === undefined) return plain;
  if (scaling.kind === "linear") return plain / scaling.factor;
  const { factor, low, high, original } = scaling;
  const turns = (original * plain) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
  return kept * plain + ((1 - kept) * plain) / factor;
}
