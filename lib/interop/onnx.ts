import {
  bytesField,
  floatField,
  integerField,
  message,
  messageField,
  type ProtobufField,
  textField,
} from "../core/encoding/protobuf";
import type { NamedArray, NamedArrays } from "../core/named-arrays";

// The parts of ONNX (onnx.proto) that h and ResNets need. A number in a call is the field's.

/** An input or output. A length that is a name may be any. */
interface Port {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** A network as ONNX describes it; nodes are in the order in which they are computed. */
export interface OnnxGraph {
  readonly inputs: readonly Port[];
  readonly output: Port;
  readonly nodes: readonly OnnxNode[];
  /** Weights by name. */
  readonly weights: NamedArrays;
  /** What the file says about itself. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An operator, the names of what it takes, and the name of what it gives. */
export interface OnnxNode {
  readonly op:
    | "MatMul"
    | "Add"
    | "Relu"
    | "Concat"
    | "BatchNormalization"
    | "Conv"
    | "MaxPool"
    | "GlobalAveragePool"
    | "Flatten";
  readonly inputs: readonly string[];
  readonly output: string;
  /** Whole numbers, or lists of them, by ONNX's names. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

const versions = { format: 8, operators: 17 } as const;
const float = 1;
/** Types of attributes. */
const types = { float: 1, integer: 2, integers: 7 } as const;
/** Added to a variance before its root is taken, as in PyTorch. */
const epsilon = 1e-5;

/** The bytes of an ONNX file. */
export function onnxModel({ inputs, output, nodes, weights, metadata }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => messageField(1, nodeFields(node))),
    textField(2, "network"),
    ...Object.entries(weights).map(([name, array]) => messageField(5, tensorFields(name, array))),
    ...inputs.map((port) => messageField(11, portFields(port))),
    messageField(12, portFields(output)),
  ];
  const said = Object.entries(metadata).map(([key, value]) =>
    messageField(14, [textField(1, key), textField(2, value)]),
  );
  return message([
    integerField(1, versions.format),
    textField(2, "forward-compatible-training"),
    messageField(7, graph),
    messageField(8, [textField(1, ""), integerField(2, versions.operators)]),
    ...said,
  ]);
}

function nodeFields({ op, inputs, output, attributes = {} }: OnnxNode): readonly ProtobufField[] {
  return [
    ...inputs.map((input) => textField(1, input)),
    textField(2, output),
    textField(3, output),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) => messageField(5, attributeFields(name, value))),
    ...(op === "BatchNormalization"
      ? [messageField(5, [textField(1, "epsilon"), floatField(2, epsilon), integerField(20, types.float)])]
      : []),
  ];
}

function attributeFields(name: string, value: number | readonly number[]): readonly ProtobufField[] {
  if (typeof value === "number") return [textField(1, name), integerField(3, value), integerField(20, types.integer)];
  return [textField(1, name), ...value.map((each) => integerField(8, each)), integerField(20, types.integers)];
}

function tensorFields(name: string, { shape, data }: NamedArray): readonly ProtobufField[] {
  return [
    ...shape.map((length) => integerField(1, length)),
    integerField(2, float),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function portFields({ name, shape }: Port): readonly ProtobufField[] {
  const lengths = shape.map((length) =>
    messageField(1, [typeof length === "number" ? integerField(1, length) : textField(2, length)]),
  );
  return [textField(1, name), messageField(2, [messageField(1, [integerField(1, float), messageField(2, lengths)])])];
}
