import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import {
  type DoubleMatrix,
  doubleMatrix,
  doubleProduct,
  singularValues,
  solved,
  symmetricEigenvectors,
} from "../../../lib/tf/graph/doubles";
import { tf } from "../../../lib/tf/tensorflow";

function normals(name: string, rows: number, columns: number): DoubleMatrix {
  const stream = random(name);
  return doubleMatrix(rows, columns, () => stream.normal());
}

/** By three loops. */
function naiveProduct(a: DoubleMatrix, b: DoubleMatrix): DoubleMatrix {
  return doubleMatrix(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++)
      sum += (a.data[i * a.columns + k] as number) * (b.data[k * b.columns + j] as number);
    return sum;
  });
}

const transposed = ({ rows, columns, data }: DoubleMatrix): DoubleMatrix =>
  doubleMatrix(columns, rows, (i, j) => data[j * columns + i] as number);
const diagonal = (values: Float64Array): DoubleMatrix =>
  doubleMatrix(values.length, values.length, (i, j) => (i === j ? (values[i] as number) : 0));

/** Far below what 32 bits could give. */
const tolerance = 1e-12;

function expectEqual(found: DoubleMatrix, expected: DoubleMatrix): void {
  expect([found.rows, found.columns]).toEqual([expected.rows, expected.columns]);
  const apart = Math.max(...found.data.map((value, i) => Math.abs(value - (expected.data[i] as number))));
  expect(apart).toBeLessThan(tolerance);
}

describe("linear algebra in 64 bits", () => {
  it.each([
    [7, 4],
    [4, 7],
  ])("decomposes %i x %i matrices into factors whose product they are", (rows, columns) => {
    const a = normals("svd", rows, columns);
    const { left, values, right } = singularValues(a);
    expectEqual(naiveProduct(naiveProduct(left, diagonal(values)), transposed(right)), a);
    expectEqual(naiveProduct(transposed(left), left), diagonal(new Float64Array(4).fill(1)));
    expect([...values]).toEqual([...values].toSorted((x, y) => y - x));
  });

  it("finds eigenvectors, solutions and products, and leaves no tensor", () => {
    const a = normals("a", 6, 5);
    const square = naiveProduct(transposed(a), a);
    const before = tf.memory().numTensors;
    const { values, right } = symmetricEigenvectors(square);
    expectEqual(naiveProduct(right, diagonal(values)), naiveProduct(square, right));
    const x = solved(square, transposed(a));
    expectEqual(naiveProduct(square, x), transposed(a));
    expectEqual(doubleProduct(a, a, { left: true }), square);
    expectEqual(doubleProduct(a, a, { right: true }), naiveProduct(a, transposed(a)));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("multiplies large matrices as small ones", () => {
    const [a, b] = [normals("large", 150, 90), normals("larger", 90, 160)];
    expectEqual(doubleProduct(a, b), naiveProduct(a, b));
    expectEqual(doubleProduct(transposed(a), transposed(b), { left: true, right: true }), naiveProduct(a, b));
  });

  it("refuses a matrix without an inverse", () => {
    expect(() => solved(doubleMatrix(2, 2), doubleMatrix(2, 1))).toThrow(/inverse/);
  });
});
