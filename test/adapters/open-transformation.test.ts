import { describe, expect, it, vi } from "vitest";
import { openTransformation, type RowsToMap, type Transformation } from "../../lib/adapters/open-transformation";
import { matrix } from "../../lib/core/matrix";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { initialTransformation } from "../../lib/nn/transformation";
import { nativeBackend } from "../../lib/tf/backend";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows } from "../retrieval/normal-rows";

const sizes = { old: 5, side: 3, target: 4, inner: 6 };
const branches = initialTransformation(sizes, random("branches"));
const linear = initialTransformation({ ...sizes, linear: true }, random("linear"));
const [old, side] = [normalRows("old", 7, 5), normalRows("side", 7, 3)];

describe("rows that an open h does not take are refused with both sizes:", () => {
  it.each<readonly [string, NamedArrays, Parameters<Transformation["mapAll"]>[0], RegExp]>([
    ["no side-information", branches, { old, side: null }, /3 dimensions of the side-information, got 5$/],
    ["other old embeddings", branches, { old: side, side }, /5 dimensions of the old embedding, got 3$/],
    ["too few for a linear h", linear, { old, side: normalRows("side", 7, 2) }, /8 dimensions of .*together, got 7$/],
    ["side-information of fewer items", branches, { old, side: normalRows("few", 6, 3) }, /expected 7, .*got 6$/],
  ])("%s", (_, weights, rows, words) => {
    const before = tf.memory().numTensors;
    const h = openTransformation(weights, "h.safetensors");
    expect(() => h.mapAll(rows)).toThrow(words);
    expect(h.mapAll({ old, side }).embeddings.rows).toBe(7);
    h.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it("an open h maps any number of rows by few graphs, each row as among all", () => {
  const loads = vi.spyOn(nativeBackend(), "loadSavedModelMetaGraph");
  const h = openTransformation(branches, "h.safetensors");
  const all = normalRows("many", 4097, 5);
  const beside = normalRows("many beside", 4097, 3);
  const first = (rows: number): RowsToMap => ({
    old: matrix(rows, 5, all.data.slice(0, 5 * rows)),
    side: matrix(rows, 3, beside.data.slice(0, 3 * rows)),
  });
  const whole = h.mapAll(first(4097)).embeddings;
  for (let rows = 1; rows <= 40; rows++) {
    const { embeddings } = h.mapAll(first(rows));
    expect([embeddings.rows, embeddings.data.length]).toEqual([rows, 4 * rows]);
    const off = embeddings.data.map((value, i) => Math.abs(value - (whole.data[i] as number)));
    expect(Math.max(...off)).toBeLessThan(1e-5);
  }
  // 4,096 rows and 1 together; then 2, 4, 8, 16, 32 and 64.
  expect(loads).toHaveBeenCalledTimes(7);
  loads.mockRestore();
  h.dispose();
});
