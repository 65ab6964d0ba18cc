import { tf } from "../tf/tensorflow";

/**
 * Convolution of `x` [batch, height, width, input] by `filter` [side, side, input, output] with PyTorch's symmetric padding
 * floor(side / 2). Padding is an op of its own where SAME differs, because explicit padding leaves the CPU's fast path.
 */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  const side = filter.shape[0];
  if (x.shape[1] <= stride && x.shape[2] <= stride) return convolveOnce(x, filter);
  if (stride === 1) return tf.conv2d(x, filter, 1, "same");
  return tf.conv2d(padSides(x, (side - 1) / 2), filter, stride, "valid");
}

/** The filter at a single place, a matrix product: its taps that meet only padding are left out. On small images the last stages are such. */
function convolveOnce(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, input] = x.shape;
  const [side, , , output] = filter.shape;
  const first = (side - 1) / 2;
  const [rows, columns] = [Math.min(height, side - first), Math.min(width, side - first)];
  const seen = x.slice([0, 0, 0, 0], [batch, rows, columns, input]);
  const taps = filter.slice([first, first, 0, 0], [rows, columns, input, output]);
  const size = rows * columns * input;
  return tf.matMul(seen.reshape([batch, size]), taps.reshape([size, output])).reshape([batch, 1, 1, output]);
}

/** The same by a filter [side, side, channels, 1] that takes each channel by itself. */
export function convolveDepthwise(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  const side = filter.shape[0];
  if (stride === 1) return tf.depthwiseConv2d(x, filter, 1, "same");
  return tf.depthwiseConv2d(padSides(x, (side - 1) / 2), filter, stride, "valid");
}

/** Maximum over 3x3 windows with stride 2 and padding 1, for x >= 0 (after a ReLU), where zero padding equals PyTorch's. */
export function maxPool(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(padSides(x, 1), 3, 2, "valid");
}

/** Mean over height and width: [batch, channels]. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]) as tf.Tensor2D;
}

function padSides(x: tf.Tensor4D, by: number): tf.Tensor4D {
  if (by === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ]);
}
