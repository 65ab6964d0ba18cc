import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { principalComponents, project, symmetricEigen } from "../../lib/statistics/principal-components";

describe("symmetricEigen", () => {
  it("agrees with the closed form of 2 x 2 matrices", () => {
    const { normal } = random("eigen");
    for (let trial = 0; trial < 50; trial++) {
      const [a, b, c] = [normal(), normal(), normal()];
      const root = Math.hypot((a - c) / 2, b);
      const { values } = symmetricEigen(Float64Array.of(a, b, b, c), 2);
      expect(values[0]).toBeCloseTo((a + c) / 2 + root, 12);
      expect(values[1]).toBeCloseTo((a + c) / 2 - root, 12);
    }
  });

  it("gives orthonormal vectors with A v = lambda v", () => {
    const size = 12;
    const { normal } = random("eigen", size);
    const factor = Float64Array.from({ length: size * size }, normal);
    const at = (values: Float64Array, i: number, j: number): number => values[i * size + j] ?? Number.NaN;
    const a = Float64Array.from({ length: size * size }, (_, k) => {
      const [i, j] = [Math.floor(k / size), k % size];
      return at(factor, i, j) + at(factor, j, i);
    });
    const { values, vectors } = symmetricEigen(a, size);
    const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, k) => sum + value * (y[k] ?? 0), 0);
    vectors.forEach((vector, k) => {
      vectors.forEach((other, l) => {
        expect(dot(vector, other)).toBeCloseTo(k === l ? 1 : 0, 10);
      });
      for (let i = 0; i < size; i++) {
        expect(dot(a.slice(i * size, (i + 1) * size), vector)).toBeCloseTo((values[k] ?? 0) * (vector[i] ?? 0), 9);
      }
    });
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
  });
});

describe("principalComponents", () => {
  /** Points on two orthogonal lines through (1, 2, 3) with variances 8 and 2 along (3, 4, 0) / 5 and (0, 0, -1). */
  const known = matrix(
    4,
    3,
    Float32Array.from(
      [
        [3.4641016, 0],
        [-3.4641016, 0],
        [0, 1.7320508],
        [0, -1.7320508],
      ].flatMap(([u = 0, v = 0]) => [1 + 0.6 * u, 2 + 0.8 * u, 3 - v]),
    ),
  );

  it("finds the directions and shares of a known case, the peak of each direction positive", () => {
    const { mean, directions, shares } = principalComponents(known);
    [1, 2, 3].forEach((value, k) => {
      expect(mean[k]).toBeCloseTo(value, 6);
    });
    [0.6, 0.8, 0, 0, 0, 1].forEach((value, k) => {
      expect(directions.data[k]).toBeCloseTo(value, 6);
    });
    expect(shares[0]).toBeCloseTo(0.8, 6);
    expect(shares[1]).toBeCloseTo(0.2, 6);
  });

  it("projects onto them, also points of another set", () => {
    const components = principalComponents(known);
    const projected = project(matrix(2, 3, Float32Array.of(1, 2, 3, 1.6, 2.8, 5)), components);
    [0, 0, 1, 2].forEach((value, k) => {
      expect(projected.data[k]).toBeCloseTo(value, 5);
    });
  });

  it("keeps the variances of embeddings as the variances along the components", () => {
    const { normal } = random("components");
    const points = matrix(
      200,
      16,
      Float32Array.from({ length: 3200 }, (_, k) => normal() * (1 + (k % 16))),
    );
    const { data } = project(points, principalComponents(points, 16));
    const total = (values: Float32Array): number => {
      const means = Array.from(
        { length: 16 },
        (_, k) => values.reduce((s, v, i) => (i % 16 === k ? s + v : s), 0) / 200,
      );
      return values.reduce((sum, value, i) => sum + (value - (means[i % 16] ?? 0)) ** 2, 0);
    };
    expect(total(data) / total(points.data)).toBeCloseTo(1, 5);
  });

  it("agrees with power iteration on 300 points of 128 dimensions, and gives the same bytes twice", () => {
    const { normal } = random("components", 128);
    const spread = (k: number): number => (k === 5 ? 4 : k === 9 ? 3 : 1);
    const points = matrix(
      300,
      128,
      Float32Array.from({ length: 300 * 128 }, (_, i) => spread(i % 128) * normal()),
    );
    const found = principalComponents(points);
    naiveDirections(points, 2).forEach((direction, component) => {
      direction.forEach((value, k) => {
        expect(found.directions.data[component * 128 + k]).toBeCloseTo(value, 5);
      });
    });
    expect(principalComponents(points).directions.data).toEqual(found.directions.data);
  });

  it("stands points that are all equal", () => {
    expect(principalComponents(matrix(3, 2)).shares).toEqual([0, 0]);
  });

  it("refuses one point, too many components, and points of other dimensions", () => {
    expect(() => principalComponents(matrix(1, 3))).toThrow(/at least 2, got 1/);
    expect(() => principalComponents(matrix(3, 2), 3)).toThrow(/1 to 2, got 3/);
    expect(() => project(matrix(3, 2), principalComponents(known))).toThrow(/expected 3, got 2/);
  });
});

/** The first directions by power iteration without those before, the largest coordinate positive. */
function naiveDirections({ rows, columns, data }: Matrix, count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: columns }, (_, k) => k);
  const at = (i: number, k: number): number => data[i * columns + k] ?? Number.NaN;
  const mean = all.map((k) => Array.from({ length: rows }, (_, i) => at(i, k)).reduce((a, b) => a + b) / rows);
  const centred = Array.from({ length: rows }, (_, i) => all.map((k) => at(i, k) - (mean[k] ?? 0)));
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, k) => sum + x * (b[k] ?? 0), 0);
  const found: (readonly number[])[] = [];
  for (let component = 0; component < count; component++) {
    let direction: readonly number[] = all.map((k) => 1 + k / columns);
    for (let iteration = 0; iteration < 200; iteration++) {
      const scores = centred.map((row) => dot(row, direction));
      const turned = all.map((k) => centred.reduce((sum, row, i) => sum + (row[k] ?? 0) * (scores[i] ?? 0), 0));
      const apart = turned.map((x, k) => x - found.reduce((sum, one) => sum + dot(turned, one) * (one[k] ?? 0), 0));
      const length = Math.sqrt(dot(apart, apart));
      direction = apart.map((x) => x / length);
    }
    const peak = direction.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    found.push(direction.map((x) => x * Math.sign(peak)));
  }
  return found;
}
