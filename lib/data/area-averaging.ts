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
