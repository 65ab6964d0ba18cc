import { wholeNumber } from "../../core/check";

/** The source cells that each target cell covers. */
interface Coverage {
  /** The first covered source cell of each target cell. */
  readonly first: Int32Array;
  /** How many source cells a target cell covers at most. */
  readonly span: number;
  /** The share of the target cell that each of its source cells gives: [target, span]. */
  readonly weights: Float64Array;
}

/**
 * A function that resizes an image of `height` x `width` x `channels` to `side` x `side`: each new
 * pixel is exactly the mean of the area it covers, including parts of old pixels. The image keeps
 * its mean.
 */
export function areaAveraging(
  height: number,
  width: number,
  side: number,
  channels = 1,
): (image: Uint8Array) => Float64Array {
  for (const size of [height, width, side, channels]) {
    wholeNumber("image size", size, { least: 1 });
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
      // Multiplied by both target and source, the borders are whole numbers and the overlap exact.
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
    const start = (y * width + (first[x] as number)) * channels + channel;
    let sum = 0;
    for (let k = 0; k < span; k++) sum += (weights[x * span + k] as number) * (image[start + k * channels] as number);
    averaged[cell] = sum;
  }
  return averaged;
}

/** `stride` is the length of a row in values: columns need not tell pixels and channels apart. */
function averageColumns(rows: Float64Array, stride: number, { first, span, weights }: Coverage): Float64Array {
  const side = first.length;
  const averaged = new Float64Array(side * stride);
  for (let y = 0; y < side; y++) {
    for (let k = 0; k < span; k++) {
      const weight = weights[y * span + k] as number;
      const start = ((first[y] as number) + k) * stride;
      for (let x = 0; x < stride; x++) {
        averaged[y * stride + x] = (averaged[y * stride + x] as number) + weight * (rows[start + x] as number);
      }
    }
  }
  return averaged;
}
