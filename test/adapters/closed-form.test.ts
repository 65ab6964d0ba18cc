import { describe, expect, it } from "vitest";
import { linearError, procrustes, reducedRank, ridge } from "../../lib/adapters/pairs/linear-maps";
import { type Moments, momentsOf } from "../../lib/adapters/pairs/moments";
import { matrixSource } from "../../lib/adapters/pairs/pairs";
import { matrix } from "../../lib/core/matrix";
import { doubleProduct } from "../../lib/tf/graph/doubles";
import golden from "./closed-form.golden.json";

type Case = (typeof golden)[number];

async function momentsIn({
  rows,
  inputs,
  outputs,
  x,
  y,
}: Pick<Case, "rows" | "inputs" | "outputs" | "x" | "y">): Promise<Moments> {
  const pairs = {
    from: matrixSource("x", matrix(rows, inputs, Float32Array.from(x))),
    side: null,
    to: matrixSource("y", matrix(rows, outputs, Float32Array.from(y))),
  };
  return (await momentsOf(pairs, new Int32Array(), () => {})).others;
}

/** The references are in 64 bits, and so are the maps. */
const tolerance = 1e-9;

function expectNear(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((found[i] as number) - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
  });
}

describe.each(golden)("from $inputs to $outputs dimensions, as NumPy and SciPy", (one) => {
  it("gives the similarity, the ridge regression and its best approximation of low rank", async () => {
    const moments = await momentsIn(one);
    expectNear(procrustes(moments).data, one.procrustes);
    const map = ridge(moments, one.ridge.strength);
    expectNear(map.data, one.ridge.map);
    expectNear(doubleProduct(...reducedRank(moments, map, one.rank)).data, one.reducedRank);
  });

  it("gives the error of a map without going through the pairs again", async () => {
    const moments = await momentsIn(one);
    expectNear([linearError(moments, moments, ridge(moments, one.ridge.strength))], [one.error]);
  });
});

it("finds the scale of a similarity to fewer dimensions, which leaves out some of the inputs", async () => {
  const [rows, inputs, outputs] = [64, 16, 4];
  // Walsh functions: their means are 0, and each is orthogonal to the others.
  const sign = (i: number, j: number): number => ((i & (j + 1)).toString(2).replaceAll("0", "").length % 2 ? -1 : 1);
  const x = Array.from({ length: rows * inputs }, (_, at) => sign(Math.floor(at / inputs), at % inputs));
  const y = Array.from({ length: rows * outputs }, (_, at) => 2 * sign(Math.floor(at / outputs), at % outputs));
  const map = procrustes(await momentsIn({ rows, inputs, outputs, x, y }));
  expectNear(
    map.data,
    Array.from({ length: inputs * outputs }, (_, at) => (Math.floor(at / outputs) === at % outputs ? 2 : 0)),
  );
});
