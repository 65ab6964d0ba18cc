import { type BackfillInput, checkBackfillInput, distanceSpace } from "./input";
import type { BackfillJob, BackfillRanks } from "./mixing/backfill-job";
import { type MixedGallery, mixedGallery } from "./mixing/mixed-gallery";
import { pairedBlocks } from "./scores/blocks";
import { holdGallery } from "./scores/exact-distances";
import { inScoreMemory } from "./scores/memory";
import { shareOut } from "./threads/share-out";

/** One value a mixed gallery, from none replaced to all. The area under a curve is the plain mean of its values. */
export interface BackfillCurve {
  /** Share of the gallery that is replaced, in [0, 1]. */
  readonly shares: number[];
  /** In [0, 1], as are the next two: what `evaluateRetrieval` gives for the mixed gallery, to the last bit. */
  readonly top1: number[];
  readonly top5: number[];
  readonly mAP: number[];
}

/**
 * Retrieval while the gallery's rows are replaced by `next` in the given order: point i of `points` has the first
 * floor(i * rows / (points - 1)) replaced. Costs about four evaluations, however many points. Throws RangeError on input without meaning.
 */
export function backfillCurve(input: BackfillInput): BackfillCurve {
  const { labels, queryLabels = labels, excludeSelf = true, distance = "l2", points = 22 } = input;
  checkBackfillInput({ ...input, queryLabels, excludeSelf, distance, points });
  const gallery = mixedGallery({
    gallery: distanceSpace(input.gallery, distance, "gallery"),
    next: distanceSpace(input.next, distance, "next"),
    query: distanceSpace(input.query, distance, "query"),
    order: input.order,
    points,
  });
  const { before, after, items, positions, cuts, steps } = gallery;
  const ranks: BackfillRanks = {
    firstMatch: new Int32Array(new SharedArrayBuffer(4 * queryLabels.length * points)),
    averagePrecision: new Float64Array(new SharedArrayBuffer(8 * queryLabels.length * points)),
  };
  inScoreMemory((memory) => {
    const job: BackfillJob = {
      kind: "backfill",
      gallery: holdGallery(memory, before.gallery),
      next: holdGallery(memory, after.gallery),
      order: { items, positions, cuts, steps },
      labels: Float64Array.from(items, (item) => labels[item] ?? Number.NaN),
      queryLabels: Float64Array.from(queryLabels),
      excludeSelf,
      ...ranks,
    };
    shareOut(pairedBlocks(before, after, memory), memory, job);
  });
  return curve(gallery, sumsOf(ranks, points), queryLabels.length);
}

/** Sums over the queries, one a point. */
interface Sums {
  readonly queries: number;
  readonly top1: Float64Array;
  readonly top5: Float64Array;
  readonly averagePrecision: Float64Array;
}

function sumsOf({ firstMatch, averagePrecision }: BackfillRanks, points: number): Sums {
  const [top1, top5, precisions] = [new Float64Array(points), new Float64Array(points), new Float64Array(points)];
  let queries = 0;
  for (let from = 0; from < firstMatch.length; from += points) {
    if (firstMatch[from] === 0) continue;
    queries++;
    for (let point = 0; point < points; point++) {
      const rank = firstMatch[from + point] as number;
      top1[point] = (top1[point] as number) + (rank <= 1 ? 1 : 0);
      top5[point] = (top5[point] as number) + (rank <= 5 ? 1 : 0);
      precisions[point] = (precisions[point] as number) + (averagePrecision[from + point] as number);
    }
  }
  return { queries, top1, top5, averagePrecision: precisions };
}

function curve({ cuts, items }: MixedGallery, sums: Sums, asked: number): BackfillCurve {
  const { queries } = sums;
  if (queries === 0) throw new RangeError(`none of ${asked} queries has an item of its class in the gallery: one must`);
  const means = (values: Float64Array): number[] => Array.from(values, (sum) => sum / queries);
  return {
    shares: Array.from(cuts, (cut) => cut / items.length),
    top1: means(sums.top1),
    top5: means(sums.top5),
    mAP: means(sums.averagePrecision),
  };
}
