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

// The parts of ONNX (onnx.proto) that a transformation h needs. A number in a call is the field's.

/** An input or output: [rows, dimensions], with any number of rows. */
interface Port {
  readonly name: string;
  readonly dimensions: number;
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
  readonly op: "MatMul" | "Add" | "Relu" | "Concat" | "BatchNormalization";
  readonly inputs: readonly string[];
  readonly output: string;
}

const versions = { format: 8, operators: 17 } as const;
const float = 1;
/** Added to a variance before its root is taken, as in PyTorch. */
const epsilon = 1e-5;

/** The bytes of an ONNX file. */
export function onnxModel({ inputs, output, nodes, weights, metadata }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => messageField(1, nodeFields(node))),
    textField(2, "h"),
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

function nodeFields({ op, inputs, output }: OnnxNode): readonly ProtobufField[] {
  return [
    ...inputs.map((input) => textField(1, input)),
    textField(2, output),
    textField(3, output),
    textField(4, op),
    ...attributesOf(op),
  ];
}

function attributesOf(op: OnnxNode["op"]): readonly ProtobufField[] {
  if (op === "Concat") return [messageField(5, [textField(1, "axis"), integerField(3, 1), integerField(20, 2)])];
  if (op === "BatchNormalization") {
    return [messageField(5, [textField(1, "epsilon"), floatField(2, epsilon), integerField(20, 1)])];
  }
  return [];
}

function tensorFields(name: string, { shape, data }: NamedArray): readonly ProtobufField[] {
  return [
    ...shape.map((length) => integerField(1, length)),
    integerField(2, float),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function portFields({ name, dimensions }: Port): readonly ProtobufField[] {
  const rows = messageField(1, [textField(2, "rows")]);
  const shape = messageField(2, [rows, messageField(1, [integerField(1, dimensions)])]);
  return [textField(1, name), messageField(2, [messageField(1, [integerField(1, float), shape])])];
}
