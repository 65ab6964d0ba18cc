import { convolutionLayer, keptLayer, type Layer, strided } from "./layer";
import {
  type Block,
  blocksOf,
  mainPathOf,
  type NormalisedConvolution,
  type ResNet,
  shortcutOf,
  stemOf,
} from "./resnet";

/** The layers of a ResNet on images of `side` x `side`. */
export function resnetLayers(architecture: ResNet, side: number): readonly Layer[] {
  const stem = stemOf(architecture);
  let current = strided(side, stem.stride);
  const layers = [convolutionLayer(stem, side)];
  if (architecture.stem !== "small") {
    layers.push(poolLayer(stem.output, current));
    current = strided(current, 2);
  }
  for (const block of blocksOf(architecture)) {
    layers.push(...blockLayers(block, current));
    current = strided(current, block.stride);
  }
  return [...layers, keptLayer(architecture.embedding)];
}

function blockLayers(block: Block, side: number): readonly Layer[] {
  const shortcut = shortcutOf(block);
  const main = pathLayers(mainPathOf(block), side);
  return shortcut === null ? main : [...main, shortcutLayer(shortcut, side)];
}

function pathLayers(path: readonly NormalisedConvolution[], side: number): readonly Layer[] {
  let current = side;
  return path.map((convolution) => {
    const layer = convolutionLayer(convolution, current);
    current = strided(current, convolution.stride);
    return layer;
  });
}

/** Without activation: what it gives is added and forgotten. */
function shortcutLayer(shortcut: NormalisedConvolution, side: number): Layer {
  const { multiplications, kept } = convolutionLayer(shortcut, side);
  return { multiplications, kept: kept - strided(side, shortcut.stride) ** 2 * shortcut.output };
}

/** The stem's 3x3 max-pool: a padded copy of its input, and its result. */
function poolLayer(channels: number, side: number): Layer {
  return keptLayer(channels * ((side + 2) ** 2 + strided(side, 2) ** 2));
}
