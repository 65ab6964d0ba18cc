import { blocks, type ConvolutionNet, flatSize } from "./convolution-net";
import { convolutionLayer, keptLayer, type Layer, linearLayer } from "./layer";

/** The layers of a convolution net. Throws RangeError when `side` is not the architecture's. */
export function convolutionNetLayers(architecture: ConvolutionNet, side: number): readonly Layer[] {
  const { channels, embedding } = architecture;
  if (side !== architecture.side)
    throw new RangeError(`this convolution net takes images with a side of ${architecture.side}, got ${side}`);
  const layers = blocks.flatMap((index) => {
    const current = side / 2 ** index;
    const input = index === 0 ? 3 : channels;
    const pooled = channels * (current / 2) ** 2;
    return [convolutionLayer({ window: 3, input, output: channels, stride: 1 }, current), keptLayer(pooled)];
  });
  return [...layers, linearLayer(flatSize(architecture), embedding)];
}
