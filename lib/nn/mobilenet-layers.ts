import { convolutionLayer, depthwiseLayer, keptLayer, type Layer, strided } from "./layer";
import { type InvertedResidual, invertedResiduals, type MobileNet, mobileStemOf } from "./mobilenet";

/** The layers of a MobileNet on images of `side` x `side`. A depthwise layer takes longer than its multiplications say. */
export function mobilenetLayers(architecture: MobileNet, side: number): readonly Layer[] {
  const { output: channels, stride } = mobileStemOf(architecture);
  const layers = [convolutionLayer({ window: 3, input: 3, output: channels, stride }, side)];
  let current = strided(side, stride);
  let input = channels;
  for (const block of invertedResiduals(architecture)) {
    layers.push(...blockLayers(block, current));
    current = strided(current, block.stride);
    input = block.output;
  }
  const { embedding } = architecture;
  return [...layers, convolutionLayer(pointwise(input, embedding), current), keptLayer(embedding)];
}

function blockLayers({ input, inner, output, stride }: InvertedResidual, side: number): readonly Layer[] {
  const expand = inner === input ? [] : [convolutionLayer(pointwise(input, inner), side)];
  const mix = depthwiseLayer({ window: 3, input: inner, output: inner, stride }, side);
  return [...expand, mix, convolutionLayer(pointwise(inner, output), strided(side, stride))];
}

function pointwise(input: number, output: number) {
  return { window: 1, input, output, stride: 1 };
}
