import { nativeBackend, type OpAttribute } from "../backend";
import type { FusedUpdate, OpObserver } from "../hooks";
import type { tf } from "../tensorflow";
import { staysFloat32 } from "../tensors";
import { type AttributeValue, attributeValue, type GraphNode, tensorAttribute, typeAttribute } from "./node";
import { kindOf, NotCapturable, type StandIn } from "./recording";

/** Where a trace finds what is given, and how it names nodes of its own. */
export interface TraceNames {
  readonly prefix: string;
  /** The nodes that read the state's variables, and the handles of those variables. */
  readonly state: Readonly<Record<string, string>>;
  readonly handles: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What a trace has found so far. It grows as ops run. */
export interface RecordedNodes {
  readonly prefix: string;
  readonly nodes: GraphNode[];
  /** By a tensor's data: the node, or the output of a node, that gives its values. */
  readonly sources: Map<object, string>;
  /** Data of constants, whose values may be read. */
  readonly constants: WeakSet<object>;
  /** Handles of variables by the nodes that read them. */
  readonly handles: ReadonlyMap<string, string>;
  /** Shapes of what the nodes read, by node or output of a node. */
  readonly shapes: Map<string, readonly number[]>;
  /** Nodes that compute in float32 at any precision. */
  readonly float32: Set<string>;
}

/** Nothing found yet. */
export function newNodes({ prefix, state, handles }: TraceNames): RecordedNodes {
  const byRead = Object.entries(state).map(([name, read]) => [read, handles[name] ?? ""] as const);
  return {
    prefix,
    nodes: [],
    sources: new Map(),
    constants: new WeakSet(),
    handles: new Map(byRead),
    shapes: new Map(),
    float32: new Set(),
  };
}

/** Adds each op that runs to `found`. Throws NotCapturable for what a graph cannot do. */
export function observerOf(found: RecordedNodes): OpObserver {
  return {
    before: (op, attributes, inputs) => {
      if (shapedByValues.has(op)) throw new NotCapturable(`the shape of ${op}'s result depends on values`);
      const sources = inputs.map((input) => sourceOf(found, input, op));
      sources.forEach((source, index) => void found.shapes.set(source, inputs[index]?.shape ?? []));
      const name = add(found, op, sources, { ...inferred(op, inputs), ...attributesOf(op, attributes) });
      if (staysFloat32()) found.float32.add(name);
    },
    after: (_, outputs) => {
      const name = found.nodes.at(-1)?.name;
      outputs.forEach(({ dataId }, index) => {
        found.sources.set(dataId, `${name}${index === 0 ? "" : `:${index}`}`);
      });
    },
    reading: (dataId) => {
      if (!found.sources.has(dataId) || found.constants.has(dataId)) return;
      throw new NotCapturable(`a value is read: ${descriptionOf(found.sources.get(dataId), found.nodes)}`);
    },
  };
}

/**
 * Where a tensor's values come from; those of a tensor never seen become a constant that `user`
 * uses.
 */
export function sourceOf(found: RecordedNodes, tensor: tf.Tensor, user: string): string {
  const known = found.sources.get(tensor.dataId);
  if (known !== undefined) return known;
  const constant = add(found, "Const", [], constantAttributes(tensor, user));
  found.sources.set(tensor.dataId, constant);
  found.constants.add(tensor.dataId);
  return constant;
}

/**
 * Adds an update in place; stand-ins for the new values, or null if a variable is not the state's.
 */
export function recordUpdate(
  found: RecordedNodes,
  { op, attributes, variables, others }: FusedUpdate,
  standIn: StandIn,
): readonly tf.Tensor[] | null {
  const reads = variables.map((variable) => sourceOf(found, variable, op));
  const targets = reads.flatMap((read) => found.handles.get(read) ?? []);
  if (targets.length < variables.length) return null;
  const values = others.map((other) => sourceOf(found, other, op));
  // Whoever reads an old value has read it before: TensorFlow then updates a copy.
  const inputs = [...targets, ...values, ...reads.map((read) => `^${read}`)];
  const update = add(found, op, inputs, attributesOf(op, attributes));
  return variables.map((variable, index) => {
    const { shape, type } = kindOf(variable);
    const dtype = typeAttribute(type);
    const after = add(found, "ReadVariableOp", [targets[index] ?? "", `^${update}`], { dtype });
    const value = standIn(shape, type);
    found.sources.set(value.dataId, after);
    return value;
  });
}

function add(
  { prefix, nodes }: RecordedNodes,
  op: string,
  inputs: readonly string[],
  attributes: GraphNode["attributes"],
): string {
  const name = `${prefix}${nodes.length}`;
  nodes.push({ name, op, inputs, attributes });
  return name;
}

const shapedByValues: ReadonlySet<string> = new Set(["Where", "Unique", "UniqueV2", "ListDiff", "NonMaxSuppressionV3"]);

/** The type that tfjs leaves to be inferred, which a graph does not do. */
function inferred(op: string, [first]: readonly tf.Tensor[]): Record<string, AttributeValue> {
  return op === "ExpandDims" && first !== undefined ? { T: typeAttribute(kindOf(first).type) } : {};
}

function attributesOf(op: string, attributes: readonly OpAttribute[]): Record<string, AttributeValue> {
  const entries = attributes.map((attribute) => {
    const value = attributeValue(attribute);
    if (value === null) throw new NotCapturable(`${op} has an attribute ${attribute.name} of unknown kind`);
    return [attribute.name, value] as const;
  });
  return Object.fromEntries(entries);
}

function constantAttributes(tensor: tf.Tensor, user: string): Record<string, AttributeValue> {
  if (tensor.dataId === undefined) throw new NotCapturable(`${user} has an input that is not a tensor`);
  const { shape, type } = kindOf(tensor);
  const values = nativeBackend().readSync(tensor.dataId);
  return { dtype: typeAttribute(type), value: tensorAttribute(type, shape, values) };
}

function descriptionOf(source: string | undefined, nodes: readonly GraphNode[]): string {
  const name = source?.split(":")[0];
  const node = nodes.find((candidate) => candidate.name === name);
  return node === undefined ? "that of the state or of an input" : `the result of ${node.op}`;
}
