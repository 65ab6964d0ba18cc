/** A layer's work on one image. */
export interface Layer {
  /** Multiply-adds of the forward pass; those of normalisations, activations and poolings are not counted. */
  readonly multiplications: number;
  /** Values that stay in memory from the forward to the backward pass. */
  readonly kept: number;
}

/** A convolution with PyTorch's symmetric padding. */
interface ConvolutionShape {
  readonly window: number;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
}

/**
 * A convolution of an image of `side`, its normalisation and an activation. Kept are the convolution's result, the activation's,
 * and the copy of the input that a stride needs, padded or only the pixels that are met. The image itself counts as kept by what made it.
 */
export function convolutionLayer(shape: ConvolutionShape, side: number): Layer {
  const values = strided(side, shape.stride) ** 2 * shape.output;
  return {
    multiplications: values * shape.window ** 2 * shape.input,
    kept: 2 * values + copiedValues(shape, side),
  };
}

/** The same of each channel by itself. */
export function depthwiseLayer(shape: ConvolutionShape, side: number): Layer {
  const { multiplications, kept } = convolutionLayer(shape, side);
  return { multiplications: multiplications / shape.input, kept };
}

/** A linear map of `rows` rows; kept is its result. */
export function linearLayer(input: number, output: number, rows: number = 1): Layer {
  return { multiplications: rows * input * output, kept: rows * output };
}

/** A layer that multiplies nothing. */
export function keptLayer(kept: number): Layer {
  return { multiplications: 0, kept };
}

/** The side after a convolution or pooling of that stride with an odd window. */
export function strided(side: number, stride: number): number {
  return Math.ceil(side / stride);
}

function copiedValues({ window, input, stride }: ConvolutionShape, side: number): number {
  if (stride === 1) return 0;
  return (window === 1 ? strided(side, stride) : side + window - 1) ** 2 * input;
}
