import { product } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { keeps, multiplies } from "./tally";

/** Pixels of a map up to which a product of matrices beats a convolution by a 1 x 1 filter. */
const smallMap = 64;

/**
 * Convolution of `x` [batch, height, width, input] by `filter` [side, side, input, output] with
 * PyTorch's symmetric padding floor(side / 2). If SAME pads differently, padding is an op of its
 * own, because explicit padding leaves the CPU's fast path. Small maps become products of matrices.
 */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  reportConvolution(x, filter, stride);
  const side = filter.shape[0];
  if (meetsAll(x.shape[1], side, stride) && meetsAll(x.shape[2], side, stride)) return convolveWhole(x, filter, stride);
  if (side === 1) return eachPixel(strided(x, stride), filter);
  if (stride === 1) return tf.conv2d(x, filter, 1, "same");
  return tf.conv2d(padSides(x, (side - 1) / 2), filter, stride, "valid");
}

/** Every place of the filter on every image, padding included, whichever way it is computed. */
function reportConvolution(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number): void {
  const [batch, height, width] = x.shape;
  multiplies(batch * placesOn(height, stride) * placesOn(width, stride) * filter.size);
  keeps(x);
}

/** Every `stride`-th pixel of every `stride`-th row. */
function strided(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [placesOn(height, stride), placesOn(width, stride)];
  const [below, beside] = [rows * stride - height, columns * stride - width];
  const pixels: tf.Tensor4D = padded(x, { below, beside })
    .reshape([batch, rows, stride, columns, stride * channels])
    .slice([0, 0, 0, 0, 0], [batch, rows, 1, columns, channels])
    .reshape([batch, rows, columns, channels]);
  keeps(pixels);
  return pixels;
}

/** Convolution by a 1 x 1 filter: on small maps a product of matrices, up to twice as fast. */
function eachPixel(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, input] = x.shape;
  const output = filter.shape[3];
  if (height * width > smallMap) return tf.conv2d(x, filter, 1, "same");
  const pixels: tf.Tensor2D = x.reshape([batch * height * width, input]);
  return product(pixels, filter.reshape([input, output])).reshape([batch, height, width, output]);
}

/**
 * Whether a filter of that side covers all `pixels` of a row from each of its places, as on the
 * smallest maps.
 */
function meetsAll(pixels: number, side: number, stride: number): boolean {
  const padding = (side - 1) / 2;
  return padding >= (placesOn(pixels, stride) - 1) * stride && padding + pixels <= side;
}

function placesOn(pixels: number, stride: number): number {
  return Math.ceil(pixels / stride);
}

/**
 * Convolution as a product of matrices, [batch, pixels] by [pixels, places]: the columns of a place
 * are the part of the filter that lies on the map. On maps of one or four pixels it is several
 * times as fast, since nothing is multiplied by padding.
 */
function convolveWhole(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [batch, height, width, input] = x.shape;
  const [side, , , output] = filter.shape;
  const padding = (side - 1) / 2;
  const [rows, columns] = [placesOn(height, stride), placesOn(width, stride)];
  const size = height * width * input;
  const parts = Array.from({ length: rows * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns), place % columns];
    const from = [padding - row * stride, padding - column * stride, 0, 0] as [number, number, number, number];
    return filter.slice(from, [height, width, input, output]).reshape([size, output]) as tf.Tensor2D;
  });
  return product(x.reshape([batch, size]), tf.concat2d(parts, 1)).reshape([batch, rows, columns, output]);
}

/** The same by a filter [side, side, channels, 1] that takes each channel by itself. */
export function convolveDepthwise(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  reportConvolution(x, filter, stride);
  const side = filter.shape[0];
  if (stride === 1) return tf.depthwiseConv2d(x, filter, 1, "same");
  return tf.depthwiseConv2d(padSides(x, (side - 1) / 2), filter, stride, "valid");
}

/**
 * Maximum over 3x3 windows with stride 2 and padding 1, for x >= 0 (after a ReLU), so that padding
 * by zeros equals PyTorch's.
 */
export function maxPool(x: tf.Tensor4D): tf.Tensor4D {
  const pooled = tf.maxPool(padSides(x, 1), 3, 2, "valid");
  keeps(x, pooled);
  return pooled;
}

/** Maximum over 2x2 windows that do not overlap. */
export function halve(x: tf.Tensor4D): tf.Tensor4D {
  const pooled = tf.maxPool(x, 2, 2, "valid");
  keeps(x, pooled);
  return pooled;
}

/** Mean over height and width: [batch, channels]. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  // The mean's gradient needs only a shape; the ReLU before it needs its result.
  keeps(x);
  return tf.mean(x, [1, 2]) as tf.Tensor2D;
}

function padSides(x: tf.Tensor4D, by: number): tf.Tensor4D {
  const wider = padded(x, { above: by, below: by, before: by, beside: by });
  keeps(wider);
  return wider;
}

function padded(x: tf.Tensor4D, { above = 0, below = 0, before = 0, beside = 0 }): tf.Tensor4D {
  if (above + below + before + beside === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [above, below],
    [before, beside],
    [0, 0],
  ]);
}
