import { nativeBackend, type OpAttribute } from "../backend";
import { type FusedUpdate, takingUpdates } from "../fused-update";
import type { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import {
  type AttributeValue,
  attributeValue,
  type DataType,
  dataTypes,
  type GraphNode,
  tensorAttribute,
  typeAttribute,
} from "./node";
import { NotCapturable, type Recorder, recorded, type StandIn } from "./recording";

/**
 * A pure function of a state and inputs. It reads no tensor's value, draws nothing at random, and gives a state of the same
 * names, shapes and types. What else it uses, a number drawn by tfjs too, is taken as constant.
 */
export type PureStep = (state: Tensors, inputs: Tensors) => { readonly state: Tensors; readonly output: tf.Tensor };

/** Shape and type of a tensor. */
export interface TensorKind {
  readonly shape: readonly number[];
  readonly type: DataType;
}

export type TensorKinds = Readonly<Record<string, TensorKind>>;

/** A function as nodes of a graph. */
export interface Trace {
  readonly nodes: readonly GraphNode[];
  /** The node of the function's output, and by name those of the new state. */
  readonly output: string;
  readonly outputType: DataType;
  readonly state: Readonly<Record<string, string>>;
}

/** Where a trace finds what is given, and how it names nodes of its own. */
interface TraceNames {
  readonly prefix: string;
  /** The nodes that read the state's variables, and those variables' handles. */
  readonly state: Readonly<Record<string, string>>;
  readonly handles: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What a tensor is. Throws NotCapturable for a type that is neither float32, int32 nor bool. */
export function kindOf({ shape, dtype }: Pick<tf.Tensor, "shape" | "dtype">): TensorKind {
  if (!(dtype in dataTypes)) throw new NotCapturable(`a tensor of ${dtype} cannot be captured`);
  return { shape: [...shape], type: dtype as DataType };
}

/** The ops of `step` for a state and inputs of these kinds. Throws NotCapturable. */
export function trace(step: PureStep, state: TensorKinds, inputs: TensorKinds, names: TraceNames): Trace {
  const sources = new Map<object, string>();
  const { recorder, nodes, addUpdate } = nodeRecorder(sources, names);
  let found: Omit<Trace, "nodes"> | undefined;
  recorded(recorder, (standIn) => {
    const stand = (kinds: TensorKinds, given: Readonly<Record<string, string>>): Tensors => {
      const tensors = Object.entries(kinds).map(([name, { shape, type }]) => [name, standIn(shape, type)] as const);
      for (const [name, { dataId }] of tensors) sources.set(dataId, given[name] ?? "");
      return Object.fromEntries(tensors);
    };
    const given = [stand(state, names.state), stand(inputs, names.inputs)] as const;
    let result = { state: {}, output: undefined } as unknown as ReturnType<PureStep>;
    takingUpdates(
      (update) => addUpdate(update, standIn),
      () => {
        result = step(...given);
      },
    );
    checkState(result.state, state);
    const states = Object.entries(result.state).map(([name, tensor]) => [name, recorder.sourceOf(tensor)] as const);
    const outputType = kindOf(result.output).type;
    found = { output: recorder.sourceOf(result.output), outputType, state: Object.fromEntries(states) };
  });
  if (found === undefined) throw new Error("the recording ended before the step");
  return { nodes: needed(nodes, [found.output, ...Object.values(found.state)]), ...found };
}

function nodeRecorder(
  sources: Map<object, string>,
  { prefix, state, handles }: TraceNames,
): {
  readonly recorder: Recorder & { readonly sourceOf: (tensor: tf.Tensor) => string };
  readonly nodes: GraphNode[];
  readonly addUpdate: (update: FusedUpdate, standIn: StandIn) => readonly tf.Tensor[] | null;
} {
  const handleOf = new Map(Object.entries(state).map(([name, read]) => [read, handles[name] ?? ""]));
  const nodes: GraphNode[] = [];
  const constants = new WeakSet<object>();
  let current = "";
  const add = (op: string, inputs: readonly string[], attributes: GraphNode["attributes"]): string => {
    const name = `${prefix}${nodes.length}`;
    nodes.push({ name, op, inputs, attributes });
    return name;
  };
  const sourceOf = (tensor: tf.Tensor): string => {
    const known = sources.get(tensor.dataId);
    if (known !== undefined) return known;
    const constant = add("Const", [], constantAttributes(tensor, current));
    sources.set(tensor.dataId, constant);
    constants.add(tensor.dataId);
    return constant;
  };
  const recorder = {
    sourceOf,
    before: (op: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]): void => {
      current = op;
      if (shapedByValues.has(op)) throw new NotCapturable(`the shape of ${op}'s result depends on values`);
      add(op, inputs.map(sourceOf), { ...inferred(op, inputs), ...attributesOf(op, attributes) });
      current = "";
    },
    after: (outputs: readonly tf.Tensor[]): void => {
      const node = nodes[nodes.length - 1];
      outputs.forEach(({ dataId }, index) => {
        sources.set(dataId, `${node?.name}${index === 0 ? "" : `:${index}`}`);
      });
    },
    reading: (dataId: object): void => {
      if (!sources.has(dataId) || constants.has(dataId)) return;
      throw new NotCapturable(`a value is read: ${descriptionOf(sources.get(dataId), nodes)}`);
    },
  };
  const addUpdate = ({ op, attributes, variables, others }: FusedUpdate, standIn: StandIn): tf.Tensor[] | null => {
    const reads = variables.map(sourceOf);
    const targets = reads.flatMap((read) => handleOf.get(read) ?? []);
    if (targets.length < variables.length) return null;
    // Whoever reads an old value has read it before: TensorFlow then updates a copy.
    const inputs = [...targets, ...others.map(sourceOf), ...reads.map((read) => `^${read}`)];
    const update = add(op, inputs, attributesOf(op, attributes));
    return variables.map(({ shape, dtype }, index) => {
      const { type } = kindOf({ shape, dtype });
      const after = add("ReadVariableOp", [targets[index] ?? "", `^${update}`], { dtype: typeAttribute(type) });
      const value = standIn(shape, type);
      sources.set(value.dataId, after);
      return value;
    });
  };
  return { recorder, nodes, addUpdate };
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
  if (tensor.dataId === undefined) throw new NotCapturable(`${user} has an input that is no tensor`);
  const { shape, type } = kindOf(tensor);
  const values = nativeBackend().readSync(tensor.dataId);
  return { dtype: typeAttribute(type), value: tensorAttribute(type, shape, values) };
}

function descriptionOf(source: string | undefined, nodes: readonly GraphNode[]): string {
  const name = source?.split(":")[0];
  const node = nodes.find((candidate) => candidate.name === name);
  return node === undefined ? "that of the state or of an input" : `the result of ${node.op}`;
}

function checkState(next: Tensors, state: TensorKinds): void {
  const names = Object.keys(next).sort().join(", ");
  const expected = Object.keys(state).sort().join(", ");
  if (names !== expected) throw new NotCapturable(`the state was ${expected} and becomes ${names}`);
  for (const [name, tensor] of Object.entries(next)) {
    const before = JSON.stringify(state[name]);
    const after = JSON.stringify(kindOf(tensor));
    if (before !== after) throw new NotCapturable(`${name} was ${before} and becomes ${after}`);
  }
}

/** The nodes on which `wanted` depend, in order. */
function needed(nodes: readonly GraphNode[], wanted: readonly string[]): readonly GraphNode[] {
  const names = new Set(wanted.map(nodeName));
  const kept: GraphNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!names.has(node.name)) continue;
    kept.push(node);
    for (const input of node.inputs) names.add(nodeName(input));
  }
  return kept.reverse();
}

function nodeName(reference: string): string {
  return reference.replace(/^\^/, "").split(":")[0] ?? reference;
}
