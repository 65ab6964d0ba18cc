/** Mean and standard deviation of each stored channel over the training split, in byte values. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

const bytes = (shares: readonly number[]): readonly number[] => shares.map((share) => share * 255);

/** ImageNet's red, green and blue, by which the official code normalises every dataset. */
export const imagenetNormalisation: Normalisation = {
  mean: bytes([0.485, 0.456, 0.406]),
  deviation: bytes([0.229, 0.224, 0.225]),
};

/** Mean and deviation of each channel over all pixels. A constant channel gets deviation 1. */
export function normalisationOf({
  channels,
  values,
}: {
  readonly channels: number;
  readonly values: Uint8Array;
}): Normalisation {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let [sum, square] = [0, 0];
    for (let i = channel; i < values.length; i += channels) {
      const value = values[i] as number;
      sum += value;
      square += value * value;
    }
    [sums[channel], squares[channel]] = [sum, square];
  }
  const count = values.length / channels;
  const mean = Array.from(sums, (sum) => sum / count);
  const variance = Array.from(squares, (square, channel) => square / count - (mean[channel] as number) ** 2);
  return { mean, deviation: variance.map((value) => (value > 0 ? Math.sqrt(value) : 1)) };
}
