import { unexpected } from "../../core/check";
import { tf } from "../tensorflow";
import { type GraphNode, truthAttribute, typeAttribute } from "./node";
import { openSession } from "./session";
import { placeholder } from "./variables";

// Linear algebra in 64 bits by TensorFlow's own kernels. A tensor here holds 32 bits, so a matrix
// passes in and out as the sum of two, which is exact to 48 bits of its fraction.

/** A row-major matrix of 64-bit floats. */
export interface DoubleMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix whose values are made by `value`. */
export function doubleMatrix(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number = () => 0,
): DoubleMatrix {
  const data = Float64Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
  return { rows, columns, data };
}

/** Singular vectors as columns, and the singular values, descending. */
export interface Decomposition {
  readonly left: DoubleMatrix;
  readonly values: Float64Array;
  readonly right: DoubleMatrix;
}

/** The thin singular value decomposition: a = left diag(values) right^T. */
export function singularValues(a: DoubleMatrix): Decomposition {
  const attributes = { compute_uv: truthAttribute(true), full_matrices: truthAttribute(false) };
  const [values, left, right] = computed([a], { op: "Svd", attributes }, ["result", "result:1", "result:2"]);
  return { left: there(left), values: there(values).data, right: there(right) };
}

/** Eigenvectors of a symmetric matrix as the columns of `right`, and its eigenvalues, ascending. */
export function symmetricEigenvectors(a: DoubleMatrix): Pick<Decomposition, "values" | "right"> {
  const attributes = { compute_v: truthAttribute(true) };
  const [values, right] = computed([a], { op: "SelfAdjointEigV2", attributes }, ["result", "result:1"]);
  return { values: there(values).data, right: there(right) };
}

/** The x of a x = b. Throws RangeError if `a` has no inverse. */
export function solved(a: DoubleMatrix, b: DoubleMatrix): DoubleMatrix {
  const attributes = { adjoint: truthAttribute(false) };
  try {
    const [x] = computed([a, b], { op: "MatrixSolve", attributes }, ["result"]);
    return there(x);
  } catch (cause) {
    throw unexpected("matrix", "one with an inverse", (cause as Error).message.split("\n")[0]);
  }
}

/** a b, either of them transposed. */
export function doubleProduct(
  a: DoubleMatrix,
  b: DoubleMatrix,
  { left = false, right = false }: { readonly left?: boolean; readonly right?: boolean } = {},
): DoubleMatrix {
  if (a.data.length * b.data.length <= smallProduct * (left ? a.rows : a.columns))
    return smallSum(a, b, { left, right });
  const attributes = { transpose_a: truthAttribute(left), transpose_b: truthAttribute(right) };
  const [product] = computed([a, b], { op: "MatMul", attributes }, ["result"]);
  return there(product);
}

/** Multiplications that take less time than a graph takes to begin. */
const smallProduct = 2 ** 20;

function smallSum(
  a: DoubleMatrix,
  b: DoubleMatrix,
  { left, right }: { readonly left: boolean; readonly right: boolean },
): DoubleMatrix {
  const [rows, inner] = left ? [a.columns, a.rows] : [a.rows, a.columns];
  return doubleMatrix(rows, right ? b.rows : b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const [x, y] = [left ? k * a.columns + i : i * a.columns + k, right ? j * b.columns + k : k * b.columns + j];
      sum += (a.data[x] as number) * (b.data[y] as number);
    }
    return sum;
  });
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("TensorFlow returned too little");
  return value;
}

/** Runs one op on matrices in 64 bits; `outputs` are names of what its node, "result", gives. */
function computed(
  inputs: readonly DoubleMatrix[],
  { op, attributes }: Pick<GraphNode, "op" | "attributes">,
  outputs: readonly string[],
): readonly DoubleMatrix[] {
  const given = inputs.flatMap(({ rows, columns }, i) => inputNodes(`input${i}`, [rows, columns]));
  const node: GraphNode = {
    name: "result",
    op,
    inputs: inputs.map((_, i) => `input${i}`),
    attributes: { ...attributes, T: double },
  };
  const session = openSession([...given, node, ...outputs.flatMap((name, i) => outputNodes(`output${i}`, name))], 0);
  const fed = new Map(inputs.flatMap((input, i) => halves(input).map((half, k) => [`input${i}_${k}`, half] as const)));
  try {
    const found = session.run(
      fed,
      outputs.flatMap((_, i) => [`output${i}_0`, `output${i}_1`]),
    );
    return outputs.map((_, i) => joined(there(found[2 * i]), there(found[2 * i + 1])));
  } finally {
    tf.dispose([...fed.values()]);
    session.close();
  }
}

const single = typeAttribute("float32");
const double = typeAttribute("float64");

function inputNodes(name: string, shape: readonly number[]): readonly GraphNode[] {
  const parts = [0, 1].flatMap((k) => [
    placeholder(`${name}_${k}`, { shape, type: "float32" }),
    cast(`${name}_${k}_double`, `${name}_${k}`, { from: single, to: double }),
  ]);
  const sum = { name, op: "AddV2", inputs: [`${name}_0_double`, `${name}_1_double`], attributes: { T: double } };
  return [...parts, sum];
}

function outputNodes(name: string, source: string): readonly GraphNode[] {
  return [
    cast(`${name}_0`, source, { from: double, to: single }),
    cast(`${name}_0_double`, `${name}_0`, { from: single, to: double }),
    { name: `${name}_rest`, op: "Sub", inputs: [source, `${name}_0_double`], attributes: { T: double } },
    cast(`${name}_1`, `${name}_rest`, { from: double, to: single }),
  ];
}

type Attribute = ReturnType<typeof typeAttribute>;

function cast(
  name: string,
  input: string,
  { from, to }: { readonly from: Attribute; readonly to: Attribute },
): GraphNode {
  return { name, op: "Cast", inputs: [input], attributes: { SrcT: from, DstT: to, Truncate: truthAttribute(false) } };
}

/** Two matrices of 32 bits whose sum is the given one. */
function halves({ rows, columns, data }: DoubleMatrix): readonly [tf.Tensor2D, tf.Tensor2D] {
  const first = Float32Array.from(data);
  const rest = Float32Array.from(data, (value, i) => value - (first[i] as number));
  return [tf.tensor2d(first, [rows, columns]), tf.tensor2d(rest, [rows, columns])];
}

function joined(first: tf.Tensor, rest: tf.Tensor): DoubleMatrix {
  const [rows = 1, columns = 1] = first.shape;
  const [high, low] = [first.dataSync(), rest.dataSync()];
  tf.dispose([first, rest]);
  return { rows, columns, data: Float64Array.from(high, (value, i) => value + (low[i] as number)) };
}
