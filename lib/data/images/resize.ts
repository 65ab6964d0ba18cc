/** For each target cell the source cells it covers: first one, and the share of the target cell that each gives. */
interface Coverage {
  readonly first: Int32Array;
  readonly span: number;
  readonly weights: Float64Array;
}

/**
 * A function that resizes an image of `height` x `width` x `channels` to `side` x `side`: each new pixel is the mean of the area it covers,
 * exactly, also where it covers a part of an old pixel. The image's mean is kept.
 */
export function areaAveraging(
  height: number,
  width: number,
  side: number,
  channels = 1,
): (image: Uint8Array) => Float64Array {
  for (const size of [height, width, side, channels]) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`image size ${size}: whole pixels of at least 1 are allowed`);
  }
  const down = coverage(height, side);
  const across = coverage(width, side);
  return (image) => {
    if (image.length !== height * width * channels) {
      throw new RangeError(`${image.length} values for ${height} x ${width} pixels of ${channels} channels`);
    }
    return averageColumns(averageRows(image, width, across, side, channels), side * channels, down);
  };
}

function coverage(source: number, target: number): Coverage {
  const span = Math.min(source, Math.ceil(source / target) + 1);
  const first = new Int32Array(target);
  const weights = new Float64Array(target * span);
  for (let i = 0; i < target; i++) {
    const start = Math.min(Math.floor((i * source) / target), source - span);
    first[i] = start;
    for (let k = 0; k < span; k++) {
      // Times target and source both, the borders are whole numbers and the overlap is exact.
      const overlap = Math.min((start + k + 1) * target, (i + 1) * source) - Math.max((start + k) * target, i * source);
      weights[i * span + k] = Math.max(0, overlap) / source;
    }
  }
  return { first, span, weights };
}

function averageRows(
  image: Uint8Array,
  width: number,
  { first, span, weights }: Coverage,
  side: number,
  channels: number,
): Float64Array {
  const rows = image.length / (width * channels);
  const averaged = new Float64Array(rows * side * channels);
  for (let cell = 0; cell < averaged.length; cell++) {
    const channel = cell % channels;
    const x = ((cell - channel) / channels) % side;
    const y = Math.floor(cell / (side * channels));
    const start = (y * width + (first[x] ?? 0)) * channels + channel;
    let sum = 0;
    for (let k = 0; k < span; k++) sum += (weights[x * span + k] ?? 0) * (image[start + k * channels] ?? 0);
    averaged[cell] = sum;
  }
  return averaged;
}

/** `stride` is the length of a row: pixels times channels, which columns need not tell apart. */
function averageColumns(rows: Float64Array, stride: number, { first, span, weights }: Coverage): Float64Array {
  const side = first.length;
  const averaged = new Float64Array(side * stride);
  for (let y = 0; y < side; y++) {
    for (let k = 0; k < span; k++) {
      const weight = weights[y * span + k] ?? 0;
      const start = ((first[y] ?? 0) + k) * stride;
      for (let x = 0; x < stride; x++) {
        averaged[y * stride + x] = (averaged[y * stride + x] ?? 0) + weight * (rows[start + x] ?? 0);
      }
    }
  }
  return averaged;
}

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
