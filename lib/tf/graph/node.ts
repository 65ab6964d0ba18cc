import {
  bytesField,
  floatField,
  integerField,
  message,
  messageField,
  type ProtobufField,
  textField,
} from "../../core/encoding/protobuf";
import { nativeBackend, type OpAttribute } from "../backend";

/**
 * An op of a TensorFlow graph. An input is a node's name, "name:1" for its second output, or
 * "^name" to run after it without taking anything from it.
 */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** The value of an attribute, encoded as TensorFlow's AttrValue. */
export type AttributeValue = readonly ProtobufField[];

/** The types a captured tensor can have, with TensorFlow's numbers for them. */
export const dataTypes = { float32: 1, int32: 3, bool: 10 } as const;

export type DataType = keyof typeof dataTypes;

/** Types that occur inside graphs alone. */
const innerTypes = { float64: 2, bfloat16: 14 } as const;

/** ProtobufField numbers of TensorProto in which single values stand. */
const valueFields = { float32: 5, int32: 7, bool: 11 } as const;

/** A type by TensorFlow's number. */
export function typeAttribute(type: DataType | keyof typeof innerTypes): AttributeValue {
  return [integerField(6, { ...dataTypes, ...innerTypes }[type])];
}

/** A truth value. */
export function truthAttribute(value: boolean): AttributeValue {
  return [integerField(5, Number(value))];
}

export function textAttribute(value: string): AttributeValue {
  return [textField(2, value)];
}

export function shapeAttribute(shape: readonly number[]): AttributeValue {
  return [messageField(7, shapeFields(shape))];
}

/** A constant. If all values are the same, one is written, and TensorFlow repeats it. */
export function tensorAttribute(type: DataType, shape: readonly number[], values: ArrayLike<number>): AttributeValue {
  const head = [integerField(1, dataTypes[type]), messageField(2, shapeFields(shape))];
  const first = values[0];
  if (first !== undefined && allEqual(values, first)) {
    const single = type === "float32" ? floatField(valueFields[type], first) : integerField(valueFields[type], first);
    return [messageField(8, [...head, single])];
  }
  return [messageField(8, [...head, bytesField(4, contentOf(type, values))])];
}

/** An attribute as the backend was given it; null for a kind that is not known. */
export function attributeValue({ type, value }: OpAttribute): AttributeValue | null {
  const { binding } = nativeBackend();
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return [integerField(6, value as number)];
    case binding.TF_ATTR_STRING:
      return textAttribute(value as string);
    case binding.TF_ATTR_INT:
      return Array.isArray(value) ? listOf(3, value, integerField) : [integerField(3, value as number)];
    case binding.TF_ATTR_FLOAT:
      return Array.isArray(value) ? listOf(4, value, floatField) : [floatField(4, value as number)];
    case binding.TF_ATTR_BOOL:
      return Array.isArray(value) ? listOf(5, value.map(Number), integerField) : [integerField(5, Number(value))];
    default:
      return null;
  }
}

/** The bytes of a SavedModel's file: one graph, tagged "serve". */
export function savedModel(nodes: readonly GraphNode[]): Uint8Array {
  const versions = messageField(4, [integerField(1, graphProducer)]);
  const graph = messageField(2, [...nodes.map((node) => messageField(1, nodeFields(node))), versions]);
  const tags = messageField(1, [textField(4, "serve")]);
  return message([integerField(1, 1), messageField(2, [tags, graph])]);
}

// The GraphDef version of TensorFlow 2.11 and later's ops; older numbers admit fewer ops.
const graphProducer = 1395;

function nodeFields({ name, op, inputs, attributes }: GraphNode): readonly ProtobufField[] {
  return [
    textField(1, name),
    textField(2, op),
    ...inputs.map((input) => textField(3, input)),
    ...Object.entries(attributes).map(([key, value]) => messageField(5, [textField(1, key), messageField(2, value)])),
  ];
}

function shapeFields(shape: readonly number[]): readonly ProtobufField[] {
  return shape.map((length) => messageField(2, [integerField(1, length)]));
}

function listOf(
  field: number,
  values: readonly number[],
  encode: (field: number, value: number) => ProtobufField,
): AttributeValue {
  return [
    messageField(
      1,
      values.map((value) => encode(field, value)),
    ),
  ];
}

function allEqual(values: ArrayLike<number>, first: number): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}

function contentOf(type: DataType, values: ArrayLike<number>): Uint8Array {
  const array = typed(type, values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function typed(type: DataType, values: ArrayLike<number>): Float32Array | Int32Array | Uint8Array {
  switch (type) {
    case "float32":
      return Float32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "bool":
      return Uint8Array.from(values);
  }
}
