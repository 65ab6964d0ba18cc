import type { NamedArray } from "../../lib/core/named-arrays";

// Convolution and pooling of [batch, height, width, channels] in plain loops over float64 numbers, padding by going nowhere.

type Size = readonly [number, number, number, number];

function sizeOf({ shape }: NamedArray): Size {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  return [a, b, c, d];
}

/** The value at a place, or what stands outside of the image. */
function reader(x: NamedArray, outside: number): (n: number, row: number, column: number, channel: number) => number {
  const [, height, width, channels] = sizeOf(x);
  return (n, row, column, channel) => {
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? (x.data[((n * height + row) * width + column) * channels + channel] ?? Number.NaN) : outside;
  };
}

/** Sizes after windows of `side` with padding floor(side / 2). */
function outputSide(input: number, side: number, stride: number): number {
  return Math.floor((input + 2 * Math.floor(side / 2) - side) / stride) + 1;
}

function everyOutput(
  [batch, height, width, channels]: Size,
  value: (n: number, row: number, column: number, channel: number) => number,
): number[] {
  const values: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        for (let channel = 0; channel < channels; channel++) values.push(value(n, row, column, channel));
  return values;
}

/** PyTorch's convolution with padding floor(side / 2). */
export function naiveConvolve(x: NamedArray, filter: NamedArray, stride: number): number[] {
  const [batch, height, width] = sizeOf(x);
  const [side, , input, output] = sizeOf(filter);
  const read = reader(x, 0);
  const padding = Math.floor(side / 2);
  const size: Size = [batch, outputSide(height, side, stride), outputSide(width, side, stride), output];
  return everyOutput(size, (n, row, column, channel) => {
    let sum = 0;
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++)
        for (let c = 0; c < input; c++) {
          const weight = filter.data[((i * side + j) * input + c) * output + channel] ?? Number.NaN;
          sum += weight * read(n, row * stride + i - padding, column * stride + j - padding, c);
        }
    return sum;
  });
}

/** PyTorch's 3 x 3 maximum with stride 2 and padding 1: nothing outside counts. */
export function naiveMaxPool(x: NamedArray): number[] {
  const [batch, height, width, channels] = sizeOf(x);
  const read = reader(x, Number.NEGATIVE_INFINITY);
  const size: Size = [batch, outputSide(height, 3, 2), outputSide(width, 3, 2), channels];
  const offsets = [-1, 0, 1];
  return everyOutput(size, (n, row, column, channel) =>
    Math.max(...offsets.flatMap((i) => offsets.map((j) => read(n, row * 2 + i, column * 2 + j, channel)))),
  );
}
