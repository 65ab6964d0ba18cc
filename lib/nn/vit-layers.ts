import { keptLayer, type Layer, linearLayer } from "./layer";
import { expansion, tokenCount, type VisionTransformer } from "./vit";

/** The layers of a vision transformer. Throws RangeError when `side` is not the architecture's. */
export function vitLayers(architecture: VisionTransformer, side: number): readonly Layer[] {
  const { patch, width, depth, embedding } = architecture;
  if (side !== architecture.side)
    throw new RangeError(`this vision transformer takes images with a side of ${architecture.side}, got ${side}`);
  const tokens = tokenCount(architecture);
  const cut: Layer = { ...linearLayer(patch * patch * 3, width, tokens), kept: 0 };
  const blocks = Array.from({ length: depth }, () => blockLayers(architecture, tokens));
  return [cut, ...blocks.flat(), layerNormLayer(width, 1), linearLayer(width, embedding)];
}

function blockLayers({ width, heads }: VisionTransformer, tokens: number): readonly Layer[] {
  const map = linearLayer(width, width, tokens);
  const scores = heads * tokens ** 2;
  const mixing: Layer = { multiplications: 2 * tokens ** 2 * width, kept: scores + tokens * width };
  const forgotten = (layer: Layer): Layer => ({ ...layer, kept: 0 });
  const norm = layerNormLayer(width, tokens);
  const hidden = linearLayer(width, expansion * width, tokens);
  const active = keptLayer(hidden.kept);
  const contract = forgotten(linearLayer(expansion * width, width, tokens));
  return [norm, map, map, map, mixing, forgotten(map), norm, hidden, active, contract];
}

/** Kept are the unit rows, their deviations and the result. */
function layerNormLayer(width: number, rows: number): Layer {
  return keptLayer(rows * (2 * width + 1));
}
