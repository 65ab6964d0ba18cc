/** For each target cell the two source cells around its centre, and the share of the second. */
interface Neighbours {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/**
 * A function that enlarges an image of `height` x `width` x `channels` to `side` x `side` by bilinear interpolation between pixel centres,
 * repeating the border (PyTorch's interpolate with align_corners false). Throws RangeError where it would shrink: that would alias.
 */
export function bilinear(
  height: number,
  width: number,
  channels: number,
  side: number,
): (image: ArrayLike<number>, target: { [index: number]: number }) => void {
  if (!(Number.isInteger(side) && side >= height && side >= width)) {
    throw new RangeError(
      `bilinear side ${side} of ${height} x ${width} pixels: whole pixels of at least these are allowed`,
    );
  }
  const down = neighbours(height, side);
  const across = neighbours(width, side);
  const rows = new Float64Array(height * side * channels);
  return (image, target) => {
    if (image.length !== height * width * channels) {
      throw new RangeError(`${image.length} values for ${height} x ${width} pixels of ${channels} channels`);
    }
    mixColumns(image, width, channels, across, rows);
    mixRows(rows, side * channels, down, target);
  };
}

function neighbours(source: number, target: number): Neighbours {
  const first = new Int32Array(target);
  const second = new Int32Array(target);
  const share = new Float64Array(target);
  for (let i = 0; i < target; i++) {
    const centre = Math.max(0, ((i + 0.5) * source) / target - 0.5);
    first[i] = Math.floor(centre);
    second[i] = Math.min(Math.floor(centre) + 1, source - 1);
    share[i] = centre - Math.floor(centre);
  }
  return { first, second, share };
}

function mixColumns(
  image: ArrayLike<number>,
  width: number,
  channels: number,
  { first, second, share }: Neighbours,
  rows: Float64Array,
): void {
  const side = first.length;
  const height = image.length / (width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++) {
      const [left, right] = [(y * width + (first[x] ?? 0)) * channels, (y * width + (second[x] ?? 0)) * channels];
      const part = share[x] ?? 0;
      const at = (y * side + x) * channels;
      for (let c = 0; c < channels; c++) {
        rows[at + c] = (1 - part) * (image[left + c] ?? 0) + part * (image[right + c] ?? 0);
      }
    }
  }
}

function mixRows(
  rows: Float64Array,
  stride: number,
  { first, second, share }: Neighbours,
  target: { [index: number]: number },
): void {
  for (let y = 0; y < first.length; y++) {
    const [upper, lower] = [(first[y] ?? 0) * stride, (second[y] ?? 0) * stride];
    const part = share[y] ?? 0;
    for (let x = 0; x < stride; x++) {
      target[y * stride + x] = (1 - part) * (rows[upper + x] ?? 0) + part * (rows[lower + x] ?? 0);
    }
  }
}
