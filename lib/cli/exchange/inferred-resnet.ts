import type { NamedArrays } from "../../core/named-arrays";
import { initialResNet, type ResNet } from "../../nn/networks/resnet";

const depths: readonly (readonly [blocks: string, bottleneck: boolean, depth: ResNet["depth"]])[] = [
  ["2,2,2,2", false, 18],
  ["3,4,6,3", false, 34],
  ["3,4,6,3", true, 50],
  ["3,4,23,3", true, 101],
];

/** The ResNet with these weights, by their names and shapes; null if there is none. */
export function inferredResNet(weights: NamedArrays): ResNet | null {
  const at = (name: string, axis: number): number => weights[name]?.shape[axis] ?? 0;
  const blocks = [0, 1, 2, 3].map((stage) => {
    const count = [...Array(64).keys()].find(
      (block) => weights[`stages.${stage}.blocks.${block}.convolution1`] === undefined,
    );
    return count ?? 64;
  });
  const bottleneck = weights["stages.0.blocks.0.convolution3"] !== undefined;
  const known = depths.find(([counts, deep]) => counts === blocks.join() && deep === bottleneck);
  const width = at("stem.convolution", 3);
  if (known === undefined || width === 0) return null;
  const last = `stages.3.blocks.${(blocks[3] ?? 1) - 1}.convolution${bottleneck ? 3 : 2}`;
  const wide = bottleneck ? at("stages.0.blocks.0.convolution1", 3) / width : 1;
  return {
    kind: "resnet",
    depth: known[2],
    embedding: at(last, 3),
    ...(width === 64 ? {} : { width }),
    ...(wide === 1 ? {} : { wide }),
    ...(at("stem.convolution", 0) === 3 ? { stem: "small" as const } : {}),
  };
}

/** What of the weights does not fit the network, parameter by parameter. */
export function misfits(architecture: ResNet, weights: NamedArrays): readonly string[] {
  const expected = initialResNet(architecture, "zeros");
  const shapeText = (shape: readonly number[]): string => shape.join(" x ");
  const wrong = Object.entries(expected).flatMap(([name, { shape }]) => {
    const found = weights[name]?.shape;
    if (found === undefined) return [`${name} is missing, ${shapeText(shape)} is expected`];
    return found.join() === shape.join() ? [] : [`${name} is ${shapeText(found)}, ${shapeText(shape)} is expected`];
  });
  const beside = Object.keys(weights).filter((name) => expected[name] === undefined && name !== "classifier");
  return [...wrong, ...beside.map((name) => `${name} is not expected`)];
}
