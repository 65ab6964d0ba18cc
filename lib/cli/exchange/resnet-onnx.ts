import type { NamedArrays } from "../../core/named-arrays";
import { type OnnxNode, onnxModel } from "../../interop/onnx";
import { outputsFirst } from "../../interop/resnet-names";
import { convolutionsOf, type NormalisedConvolution, type ResNet } from "../../nn/networks/resnet";

/**
 * A ResNet as an ONNX file: input "images" [rows, 3, height, width], normalised as the network
 * learned them; output "embeddings" [rows, embedding], not divided by their lengths.
 */
export function resnetOnnx(
  architecture: ResNet,
  weights: NamedArrays,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const nodes = nodesOf(architecture);
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const own = Object.entries(weights).filter(([name]) => used.has(name));
  return onnxModel({
    inputs: [{ name: "images", shape: ["rows", 3, "height", "width"] }],
    output: { name: "embeddings", shape: ["rows", architecture.embedding] },
    nodes,
    weights: Object.fromEntries(own.map(([name, array]) => [name, outputsFirst(array)])),
    metadata,
  });
}

function nodesOf(architecture: ResNet): readonly OnnxNode[] {
  const [stem, ...others] = convolutionsOf(architecture);
  if (stem === undefined) throw new Error("a ResNet without convolutions");
  const begun: OnnxNode[] = [...normalised(stem, "images", "stem.out"), relu("stem.out", "stem.active")];
  const isSmall = architecture.stem === "small";
  const pool: OnnxNode = {
    op: "MaxPool",
    inputs: ["stem.active"],
    output: "stem.pooled",
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  };
  const nodes = isSmall ? begun : [...begun, pool];
  let x = isSmall ? "stem.active" : "stem.pooled";
  for (const [name, convolutions] of blocksIn(others)) {
    nodes.push(...residual(name, convolutions, x));
    x = `${name}.out`;
  }
  return [
    ...nodes,
    { op: "GlobalAveragePool", inputs: [x], output: "averages" },
    { op: "Flatten", inputs: ["averages"], output: "embeddings", attributes: { axis: 1 } },
  ];
}

/** The convolutions of each block, by the block's name. */
function blocksIn(
  convolutions: readonly NormalisedConvolution[],
): ReadonlyMap<string, readonly NormalisedConvolution[]> {
  const blocks = new Map<string, readonly NormalisedConvolution[]>();
  for (const each of convolutions) {
    const name = each.name.replace(/\.(shortcut\.)?convolution\d?$/, "");
    blocks.set(name, [...(blocks.get(name) ?? []), each]);
  }
  return blocks;
}

function residual(name: string, convolutions: readonly NormalisedConvolution[], input: string): readonly OnnxNode[] {
  const isShortcut = (each: NormalisedConvolution): boolean => each.name.includes(".shortcut.");
  const path = convolutions.filter((each) => !isShortcut(each));
  const shortcut = convolutions.find(isShortcut);
  const main = path.flatMap((each, index) => [
    ...normalised(each, index === 0 ? input : `${name}.active${index}`, `${name}.path${index + 1}`),
    ...(index + 1 < path.length ? [relu(`${name}.path${index + 1}`, `${name}.active${index + 1}`)] : []),
  ]);
  const beside = shortcut === undefined ? [] : normalised(shortcut, input, `${name}.shortcut`);
  return [
    ...main,
    ...beside,
    {
      op: "Add",
      inputs: [`${name}.path${path.length}`, shortcut === undefined ? input : `${name}.shortcut`],
      output: `${name}.sum`,
    },
    relu(`${name}.sum`, `${name}.out`),
  ];
}

function relu(input: string, output: string): OnnxNode {
  return { op: "Relu", inputs: [input], output };
}

/** A convolution with PyTorch's symmetric padding, and its normalisation by running statistics. */
function normalised(
  { name, norm, window, stride }: NormalisedConvolution,
  input: string,
  output: string,
): readonly OnnxNode[] {
  const padding = Math.floor(window / 2);
  const parts = ["scale", "offset", "mean", "variance"].map((each) => `${norm}.${each}`);
  return [
    {
      op: "Conv",
      inputs: [input, name],
      output: `${output}.convolved`,
      attributes: { kernel_shape: [window, window], strides: [stride, stride], pads: Array(4).fill(padding) },
    },
    { op: "BatchNormalization", inputs: [`${output}.convolved`, ...parts], output },
  ];
}
