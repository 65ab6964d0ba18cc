import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { selectRows } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import type { BackfillJob } from "../../../lib/retrieval/mixing/backfill-job";
import { mixedGallery } from "../../../lib/retrieval/mixing/mixed-gallery";
import { type EvaluationJob, unanswered } from "../../../lib/retrieval/ranking/evaluation-job";
import type { BlockShape } from "../../../lib/retrieval/scores/block";
import { pairedBlocks, scoreBlocks } from "../../../lib/retrieval/scores/blocks";
import { holdGallery } from "../../../lib/retrieval/scores/exact-distances";
import { scoreMemory } from "../../../lib/retrieval/scores/memory";
import { type NearestJob, roomFor } from "../../../lib/retrieval/threads/nearest-job";
import { shareOut, threadsFor } from "../../../lib/retrieval/threads/share-out";
import { topK } from "../../../lib/retrieval/top-k";
import { tf } from "../../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "../normal-rows";

const gallery = normalRows("gallery", 17000, 6);
const query = normalRows("query", 301, 6);
const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** An evaluation by so many threads: rankings, and the blocks that were heard of. */
function evaluated(threads: number) {
  const memory = scoreMemory();
  const perQuery = unanswered(query.rows);
  const job: EvaluationJob = {
    kind: "evaluation",
    gallery: holdGallery(memory, gallery),
    labels: Float64Array.from(randomLabels("labels", gallery.rows, 90)),
    queryLabels: Float64Array.from(randomLabels("asking", query.rows, 90)),
    excludeSelf: false,
    perQuery,
  };
  const seen: string[] = [];
  const search = scoreBlocks({ gallery, query }, memory, { mostQueries: 100 });
  const onBlock = ({ firstQuery, firstRow }: BlockShape) => void seen.push(`${firstQuery} ${firstRow}`);
  shareOut(search, memory, job, { onBlock, threads });
  return { seen, perQuery: Object.values(perQuery).map((values) => [...values]) };
}

describe("shareOut", () => {
  test("gives the same rankings by any number of threads, block by block", () => {
    const alone = evaluated(1);
    expect(alone.seen).toEqual(["0 0", "0 8500", "100 0", "100 8500", "200 0", "200 8500", "300 0", "300 8500"]);
    expect(Math.min(...(alone.perQuery[1] ?? []))).toBeGreaterThan(0);
    for (const threads of [2, 3]) expect(evaluated(threads)).toEqual(alone);
  });

  test("finds the same nearest by any number of threads", () => {
    const k = 5;
    const twin = topK({ gallery, query, k, excludeSelf: false });
    for (const threads of [2, 4]) {
      const memory = scoreMemory();
      const job: NearestJob = {
        kind: "nearest",
        gallery: holdGallery(memory, gallery),
        k,
        excluded: new Int32Array(query.rows).fill(-1),
        items: new Int32Array(shared(4 * query.rows * k)),
        squaredDistances: new Float64Array(shared(8 * query.rows * k)),
        crowded: new Uint8Array(shared(query.rows)),
      };
      expect(roomFor(k, gallery.rows)).toBe(84);
      shareOut(scoreBlocks({ gallery, query }, memory, { mostQueries: 50 }), memory, job, { threads });
      expect([...job.items]).toEqual([...twin.items]);
      expect([...job.squaredDistances]).toEqual([...twin.squaredDistances]);
    }
  });

  test("ranks the same mixed galleries by any number of threads", () => {
    const points = 4;
    const mixture = { gallery, next: normalRows("next", gallery.rows, 6), query };
    const order = random(5, "order").permutation(gallery.rows);
    const { before, after, items, positions, cuts, steps } = mixedGallery({ ...mixture, order, points });
    const labels = randomLabels("labels", gallery.rows, 2000);
    const ranked = [1, 2, 3].map((threads) => {
      const memory = scoreMemory();
      const job: BackfillJob = {
        kind: "backfill",
        gallery: holdGallery(memory, before.gallery),
        next: holdGallery(memory, after.gallery),
        order: { items, positions, cuts, steps },
        labels: Float64Array.from(items, (item) => labels[item] ?? Number.NaN),
        queryLabels: Float64Array.from(randomLabels("asking", query.rows, 2000)),
        excludeSelf: false,
        firstMatch: new Int32Array(shared(4 * query.rows * points)),
        averagePrecision: new Float64Array(shared(8 * query.rows * points)),
      };
      shareOut(pairedBlocks(before, after, memory), memory, job, { threads });
      return { firstMatch: [...job.firstMatch], averagePrecision: [...job.averagePrecision] };
    });
    expect(new Set(ranked[0]?.firstMatch).size).toBeGreaterThan(100);
    for (const other of ranked.slice(1)) expect(other).toEqual(ranked[0]);
  });

  test("throws what another thread threw, leaves no tensor, and goes on afterwards", () => {
    const before = tf.memory().numTensors;
    const memory = scoreMemory();
    const job: NearestJob = {
      kind: "nearest",
      gallery: holdGallery(memory, gallery),
      k: 5,
      excluded: new Int32Array(2).fill(-1),
      // Room for the first query's answers, which this thread finds, and none for the second's.
      items: new Int32Array(5),
      squaredDistances: new Float64Array(5),
      crowded: new Uint8Array(2),
    };
    const search = scoreBlocks({ gallery, query: selectRows(query, [0, 1]) }, memory);
    expect(() => shareOut(search, memory, job, { threads: 2 })).toThrow("offset is out of bounds");
    expect(tf.memory().numTensors).toBe(before);
    expect(evaluated(2)).toEqual(evaluated(1));
  });

  test("keeps to one thread where there is little to do", () => {
    expect(threadsFor(1000 * 1000)).toBe(1);
    expect(threadsFor(20000 * 20000)).toBe(Math.min(availableParallelism(), 8));
  });
});
