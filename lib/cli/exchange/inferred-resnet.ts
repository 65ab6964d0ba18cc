import { InputError } from "../../core/input-error";
import type { NamedArrays } from "../../core/named-arrays";
import { initialResNet, type ResNet } from "../../nn/networks/resnet";

const depths: readonly (readonly [blocks: string, bottleneck: boolean, depth: ResNet["depth"]])[] = [
  ["2,2,2,2", false, 18],
  ["3,4,6,3", false, 34],
  ["3,4,6,3", true, 50],
  ["3,4,23,3", true, 101],
];

/** A ResNet, and what it is in a few words, such as "ResNet-18, 128 dimensions". */
interface InferredNetwork {
  readonly architecture: ResNet;
  readonly what: string;
}

/**
 * The ResNet that the weights of `file` are of. Throws InputError if there is none, or if they do
 * not fit it, listing what is wrong parameter by parameter.
 */
export function networkIn(weights: NamedArrays, file: string): InferredNetwork {
  const architecture = inferredResNet(weights);
  if (architecture === null) {
    const fault = "its blocks are not those of a ResNet of depth 18, 34, 50 or 101";
    throw new InputError({ file, fault });
  }
  const { depth, embedding, width = 64, wide = 1, stem } = architecture;
  const what = [
    `${wide === 1 ? "" : "wide "}ResNet-${depth}`,
    ...(width === 64 ? [] : [`width ${width}`]),
    ...(stem === undefined ? [] : ["small stem"]),
    `${embedding} dimensions`,
  ].join(", ");
  const wrong = misfits(architecture, weights);
  if (wrong.length > 0) throw new InputError({ file, fault: `is no ${what}: ${wrong.join("; ")}` });
  return { architecture, what };
}

/** The ResNet with these weights, by their names and shapes; null if there is none. */
function inferredResNet(weights: NamedArrays): ResNet | null {
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
function misfits(architecture: ResNet, weights: NamedArrays): readonly string[] {
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
