import { availableParallelism } from "node:os";
import type { WorkerOptions } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import { matrix, row } from "../../../../lib/core/matrix";
import { random } from "../../../../lib/core/random";
import { backfillCurve } from "../../../../lib/retrieval/backfill";
import { evaluateRetrieval } from "../../../../lib/retrieval/evaluate";
import { topK } from "../../../../lib/retrieval/top-k";
import { tf } from "../../../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "../../normal-rows";

const started = vi.hoisted(() => ({ threads: 0 }));

vi.mock("node:worker_threads", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:worker_threads")>();
  class Worker extends original.Worker {
    constructor(path: string, options: WorkerOptions) {
      super(path, options);
      started.threads++;
    }
  }
  return { ...original, Worker };
});

const gallery = normalRows("gallery", 17_000, 6);
const query = normalRows("query", 301, 6);
const labels = randomLabels("labels", gallery.rows, 90);
const queryLabels = randomLabels("asking", query.rows, 90);

describe("the number of threads", () => {
  test("is 1 for a small search, the cores up to 8 for a large one, or as chosen; idle threads serve again", () => {
    const square = (rows: number) => normalRows("square", rows, 1);
    const search = (rows: number, threads?: number) =>
      topK({ gallery: square(rows), query: square(rows), k: 1 }, threads === undefined ? {} : { threads });
    search(1000);
    expect(started.threads).toBe(0);
    const helpers = Math.min(availableParallelism(), 8) - 1;
    search(5793);
    expect(started.threads).toBe(helpers);
    search(1000, 3);
    search(1000, 3);
    expect(started.threads).toBe(Math.max(helpers, 2));
  });

  test.each([0, 9, 1.5])("cannot be %f", (threads) => {
    const before = tf.memory().numTensors;
    expect(() => topK({ gallery, query: gallery, k: 1 }, { threads })).toThrow(/threads: .* 1 to 8, got/);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** An evaluation by this number of threads, and the numbers of queries that it was told of. */
function evaluated(threads: number) {
  const done: number[] = [];
  const onQuery = (queries: number) => void done.push(queries);
  const input = { gallery, query, labels, queryLabels, excludeSelf: false };
  return { done, ...evaluateRetrieval(input, { threads, onQuery }) };
}

describe("any number of threads gives the same bits", () => {
  test("of an evaluation by several blocks of queries and parts of the gallery", () => {
    const alone = evaluated(1);
    expect(alone.done).toEqual([246, 301]);
    expect(alone.queries).toBe(query.rows);
    for (const threads of [2, 3]) expect(evaluated(threads)).toEqual(alone);
  });

  test("of the nearest", () => {
    const many = normalRows("many", 900, 6);
    const search = (threads: number) => topK({ gallery, query: many, k: 5, excludeSelf: false }, { threads });
    const alone = search(1);
    for (const threads of [2, 4]) expect(search(threads)).toEqual(alone);
  });

  test("of the nearest among too many at one distance to hold", () => {
    const crowd = matrix(17_000, 1);
    const search = (threads: number) =>
      topK({ gallery: crowd, query: matrix(5, 1), k: 3, excludeSelf: false }, { threads });
    const alone = search(1);
    expect([...alone.items.subarray(12)]).toEqual([0, 1, 2]);
    expect(search(2)).toEqual(alone);
  });

  test("of a backfilling curve", () => {
    const input = {
      gallery,
      next: normalRows("next", gallery.rows, 6),
      query,
      labels: randomLabels("labels", gallery.rows, 2000),
      queryLabels: randomLabels("asking", query.rows, 2000),
      excludeSelf: false,
      order: random(5, "order").permutation(gallery.rows),
      points: 4,
    };
    const alone = backfillCurve(input, { threads: 1 });
    expect(new Set(alone.mAP).size).toBe(4);
    for (const threads of [2, 3]) expect(backfillCurve(input, { threads })).toEqual(alone);
  });
});

test("what another thread throws is thrown, no tensor is left, and the next search is right", () => {
  const before = tf.memory().numTensors;
  // The second query is multiplied as one row and measured as another: its scores break their
  // margin.
  const data = query.data.slice(0, 2 * query.columns);
  const other = row(query, 2);
  const subarray = (from: number, end: number): Float32Array =>
    from === query.columns ? other : Float32Array.prototype.subarray.call(data, from, end);
  Object.assign(data, { subarray });
  const input = { gallery, query: matrix(2, query.columns, data), labels, queryLabels: [0, 0], excludeSelf: false };
  expect(() => evaluateRetrieval(input, { threads: 2 })).toThrow(/squared distance of query 1 .* reduced precision/);
  expect(tf.memory().numTensors).toBe(before);
  expect(evaluated(2)).toEqual(evaluated(1));
});
