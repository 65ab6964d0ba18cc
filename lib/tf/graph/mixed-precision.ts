import { type AttributeValue, type GraphNode, typeAttribute } from "./node";
import type { RecordedNodes } from "./recorded-nodes";

/*
 * Mixed precision is a pass over a captured step. Convolutions and matrix products read bfloat16
 * and add up in float32; their results become float32 again at once. All else keeps its type:
 * weights, normalisation, activations, losses, reductions, the optimizer. So do depthwise
 * convolutions and the gradients of filters on small maps, which bfloat16 makes slower.
 * Embedding is different: what follows a bias, which no training has as an op of its own, stays
 * bfloat16 as in PyTorch's autocast, so that TensorFlow joins it with the convolution before.
 *
 *     x [float32] -> cast -> Conv2D [bfloat16] -> cast -> [float32]
 *
 * A value is cast once for all that read it, but for gradients. Two things follow from the
 * definition of rounding, and nothing else is simplified:
 *
 * 1. bfloat16 to float32 to bfloat16 is the identity, so such a pair of casts is left out. The
 *    other pair is not: it rounds.
 * 2. Ops that only move values give the same whether they are rounded before or after, so a cast
 *    goes before them if no one reads them in float32.
 *
 * A gradient casts what it needs of the forward pass once more, late, so that between the two only
 * bfloat16 is kept, half the memory: a result of bfloat16 is the same again, and of a rectified
 * value the gradient reads the sign, which rounding keeps.
 */

/** Indices of the inputs that an op multiplies, and of those that an op moves. */
type Operands = (node: GraphNode) => readonly number[];

const multiplied: Readonly<Record<string, Operands>> = {
  Conv2D: () => [0, 1],
  Conv2DBackpropInput: () => [1, 2],
  Conv2DBackpropFilter: () => [0, 2],
  MatMul: () => [0, 1],
  BatchMatMulV2: () => [0, 1],
};

// All other inputs are shapes, paddings and axes.
const moved: Readonly<Record<string, Operands>> = {
  ConcatV2: ({ inputs }) => inputs.slice(0, -1).map((_, index) => index),
  Pad: () => [0],
  PadV2: () => [0, 2],
  Reshape: () => [0],
  Slice: () => [0],
  StridedSlice: () => [0],
  Transpose: () => [0],
};

// What stays bfloat16 behind a bias.
const joined: Readonly<Record<string, Operands>> = {
  BiasAdd: () => [0, 1],
  Relu: () => [0],
  MaxPool: () => [0],
  Add: () => [0, 1],
  AddV2: () => [0, 1],
};

/** Pixels of a result's gradient from which a filter's gradient is faster in bfloat16. */
const largeMap = 64;

/**
 * `nodes`, in order, as a step of mixed precision; the new nodes have names of their own. What is
 * read as one of `wanted` stays float32.
 */
export function inMixedPrecision(
  nodes: readonly GraphNode[],
  found: Pick<RecordedNodes, "prefix" | "shapes" | "float32">,
  wanted: readonly string[],
): readonly GraphNode[] {
  const lowered = loweredOperands(nodes, found, wanted);
  const result: GraphNode[] = [];
  // By what gives a value in float32: what gives the same value, rounded.
  const rounded = new Map<string, string>();
  const roundedOf = (source: string): string => {
    const known = rounded.get(source);
    if (known !== undefined) return known;
    const name = `${found.prefix}_rounded${rounded.size}`;
    result.push(cast(name, source, "float32", "bfloat16"));
    rounded.set(source, name);
    return name;
  };
  for (const node of nodes) {
    const operands = lowered.get(node.name);
    if (operands === undefined) {
      const [, kept = ""] = node.inputs;
      const readsKept = node.op === "ReluGrad" || (node.op === "FusedBatchNormGradV3" && lowered.has(kept));
      const held = readsKept ? rounded.get(kept) : undefined;
      result.push(...(held === undefined ? [node] : readingLate(node, held)));
      continue;
    }
    const name = `${node.name}_bfloat16`;
    const inputs = node.inputs.map((input, index) => (operands.includes(index) ? roundedOf(input) : input));
    result.push({ ...node, name, inputs, attributes: { ...node.attributes, T: typeAttribute("bfloat16") } });
    // Without a reader it is left out of the graph.
    result.push(cast(node.name, name, "bfloat16", "float32"));
    rounded.set(node.name, name);
  }
  return result;
}

/** A gradient whose second input is cast from `held` once the first, the slope, is there. */
function readingLate(node: GraphNode, held: string): readonly GraphNode[] {
  const [slope = "", , ...rest] = node.inputs;
  const kept = cast(`${node.name}_kept`, held, "bfloat16", "float32");
  return [
    { ...kept, inputs: [held, `^${slope.split(":")[0]}`] },
    { ...node, inputs: [slope, kept.name, ...rest] },
  ];
}

/** The operands that become bfloat16, by the names of the nodes that compute in it. */
function loweredOperands(
  nodes: readonly GraphNode[],
  found: Pick<RecordedNodes, "shapes" | "float32">,
  wanted: readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const lowered = new Map<string, readonly number[]>(behindBias(nodes, found.float32));
  const inFloat32 = new Set(wanted);
  // From the last to the first: what reads a value is known before the node that gives it.
  for (const node of [...nodes].reverse()) {
    const operands = lowered.get(node.name) ?? operandsOf(node, found, inFloat32);
    if (operands.length > 0) lowered.set(node.name, operands);
    for (const [index, input] of node.inputs.entries()) if (!operands.includes(index)) inFloat32.add(input);
  }
  // What is bfloat16 already is cast after its shape has changed.
  for (const { name, op, inputs } of nodes)
    if (op === "Reshape" && lowered.has(inputs[0] ?? "")) lowered.set(name, [0]);
  return lowered;
}

/** The operands, by name, of biases and of what follows them, as far as its inputs all do. */
function behindBias(nodes: readonly GraphNode[], float32: ReadonlySet<string>): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const constants = new Set(nodes.filter(({ op }) => op === "Const").map(({ name }) => name));
  for (const node of nodes) {
    const operands = (joined[node.op] ?? moved[node.op])?.(node) ?? [];
    const inputs = operands.map((index) => node.inputs[index] ?? "").filter((input) => !constants.has(input));
    const follows = inputs.length > 0 && inputs.every((input) => found.has(input));
    if ((node.op === "BiasAdd" || follows) && !float32.has(node.name)) found.set(node.name, operands);
  }
  return found;
}

/** Those inputs of a node that become bfloat16; none if it stays as it is. */
function operandsOf(
  node: GraphNode,
  { shapes, float32 }: Pick<RecordedNodes, "shapes" | "float32">,
  readInFloat32: ReadonlySet<string>,
): readonly number[] {
  if (!isFloat32(node.attributes.T)) return [];
  if (moved[node.op] !== undefined && !readInFloat32.has(node.name)) return moved[node.op]?.(node) ?? [];
  if (float32.has(node.name)) return [];
  const [, height = 0, width = 0] = shapes.get(node.inputs[2] ?? "") ?? [];
  if (node.op === "Conv2DBackpropFilter" && height * width < largeMap) return [];
  return multiplied[node.op]?.(node) ?? [];
}

function isFloat32(type: AttributeValue | undefined): boolean {
  return type !== undefined && Buffer.concat(type.flat()).equals(Buffer.concat(typeAttribute("float32").flat()));
}

function cast(name: string, source: string, from: "float32" | "bfloat16", to: "float32" | "bfloat16"): GraphNode {
  return { name, op: "Cast", inputs: [source], attributes: { SrcT: typeAttribute(from), DstT: typeAttribute(to) } };
}
