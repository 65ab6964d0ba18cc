import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import { compatiblePairs } from "../../../lib/retrieval/compatible-pairs";
import { tf } from "../../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "../normal-rows";
import { curveOfItems, evaluateItems, topKOfItems } from "../same-items";

const device = vi.hoisted(() => ({ cutsFactors: false, products: 0 }));

/** Products as on a GPU, whose TF32 keeps 11 significant bits of each factor. */
vi.mock("../../../lib/tf/native", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../../lib/tf/native")>();
  const cut = (x: tf.Tensor2D): tf.Tensor2D => {
    const values = x.dataSync<"float32">().slice();
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) & 0xffffe000;
    return tf.tensor2d(values, x.shape);
  };
  const product: typeof original.product = (a, b) => {
    if (!device.cutsFactors) return original.product(a, b);
    device.products++;
    return original.product(cut(a), cut(b));
  };
  return { ...original, product };
});

/** Makes products cut their factors; `known`: as TensorFlow says of a GPU. */
function cutFactors(known: boolean): void {
  device.cutsFactors = true;
  (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice = known;
}

let onGpu = false;

beforeAll(() => {
  onGpu = (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
});

afterEach(() => {
  device.cutsFactors = false;
  device.products = 0;
  (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice = onGpu;
});

const rows = 400;
const labels = randomLabels("labels", rows, 30);
const moved = (source: Matrix): Matrix =>
  matrix(
    source.rows,
    source.columns,
    source.data.map((value) => 100 + 0.1 * value),
  );
const galleries: readonly (readonly [string, Matrix, Matrix])[] = [
  ["of normal rows", normalRows("old", rows, 24), normalRows("new", rows, 24)],
  ["of whole numbers, hence ties", normalRows("old", rows, 4, true), normalRows("new", rows, 4, true)],
  ["far from the origin", moved(normalRows("old", rows, 24)), moved(normalRows("new", rows, 24))],
];

describe.each(galleries)("galleries %s", (_, gallery, query) => {
  const searches = {
    evaluateRetrieval: () => evaluateItems({ gallery, query, labels }),
    topK: () => topKOfItems({ gallery, query, k: 7 }),
    backfillCurve: () =>
      curveOfItems({ gallery, next: query, query, labels, order: random(1, "order").permutation(rows), points: 4 }),
    compatiblePairs: () =>
      compatiblePairs({ before: { gallery, query: gallery }, after: { gallery: query, query }, labels }),
  };

  test.each(Object.entries(searches))("%s gives the same bits if products keep 11 bits of a factor", (_, search) => {
    const expected = search();
    cutFactors(true);
    expect(search()).toEqual(expected);
    expect(device.products).toBeGreaterThan(0);
  });
});

test("a device that cuts factors without being known to is found out", () => {
  const gallery = normalRows("unknown", rows, 24);
  cutFactors(false);
  expect(() => evaluateItems({ gallery, query: gallery, labels })).toThrow(/reduced precision/);
});
