import { type GraphNode, shapeAttribute, tensorAttribute, textAttribute, typeAttribute } from "./node";
import type { TensorKind, TensorKinds } from "./recording";

/** Names of the nodes that belong to the state's tensor number `index`. */
export const variable = {
  handle: (index: number): string => `state${index}`,
  initial: (index: number): string => `state${index}_initial`,
  assign: (index: number): string => `state${index}_assign`,
  read: (index: number): string => `state${index}_read`,
};

/** The node that puts the initial values in place. */
export const initialised = "initialised";

/**
 * The nodes of a state: its variables, those that read them, and those that give initial values.
 */
export function stateNodes(state: TensorKinds): readonly GraphNode[] {
  const kinds = Object.values(state);
  const nodes = kinds.flatMap((kind, index) => variableNodes(kind, index));
  const done: GraphNode = {
    name: initialised,
    op: "Const",
    inputs: kinds.map((_, index) => `^${variable.assign(index)}`),
    attributes: { dtype: typeAttribute("bool"), value: tensorAttribute("bool", [], [1]) },
  };
  return [...nodes, done];
}

function variableNodes({ shape, type }: TensorKind, index: number): readonly GraphNode[] {
  const handle = variable.handle(index);
  const dtype = typeAttribute(type);
  return [
    {
      name: handle,
      op: "VarHandleOp",
      inputs: [],
      attributes: {
        dtype,
        shape: shapeAttribute(shape),
        shared_name: textAttribute(handle),
        container: textAttribute(""),
      },
    },
    placeholder(variable.initial(index), { shape, type }),
    assignment(variable.assign(index), handle, variable.initial(index), type, []),
    { name: variable.read(index), op: "ReadVariableOp", inputs: [handle], attributes: { dtype } },
  ];
}

/** A node for a value that is fed in. */
export function placeholder(name: string, { shape, type }: TensorKind): GraphNode {
  return {
    name,
    op: "Placeholder",
    inputs: [],
    attributes: { dtype: typeAttribute(type), shape: shapeAttribute(shape) },
  };
}

/** A node that gives a variable a new value once `after` have run. */
export function assignment(
  name: string,
  handle: string,
  value: string,
  type: TensorKind["type"],
  after: readonly string[],
): GraphNode {
  return {
    name,
    op: "AssignVariableOp",
    inputs: [handle, value, ...after],
    attributes: { dtype: typeAttribute(type) },
  };
}

/** The nodes that stand for tensors, by the names of these. */
export function nodesOf(kinds: TensorKinds, nodeOf: (index: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(kinds).map((name, index) => [name, nodeOf(index)]));
}
