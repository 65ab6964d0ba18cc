import { type BackfillInput, checkBackfillInput } from "./backfill-input";
import { classMembers, largestClass, without } from "./class-members";
import { distanceSpace } from "./distance-space";
import { type MixedGallery, mixedGallery } from "./mixed-gallery";
import { type MixedRanks, rankInMixtures } from "./mixed-ranks";
import { mixedSearch } from "./mixed-search";
import { pairedRows } from "./paired-rows";
import { scoreMemory } from "./score-memory";

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
 * floor(i * rows / (points - 1)) replaced. Costs about three evaluations, however many points. Throws RangeError on input without meaning.
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
  const members = classMembers(Array.from(gallery.items, (item) => labels[item] ?? Number.NaN));
  const memory = scoreMemory();
  const search = mixedSearch(memory, gallery, largestClass(members));
  const sums = emptySums(points);
  for (const rows of pairedRows(gallery.before, gallery.after, memory)) {
    const { query } = rows[0];
    const excluded = excludeSelf ? (gallery.positions[query] ?? -1) : -1;
    const matches = without(members.get(queryLabels[query] ?? Number.NaN) ?? none, excluded);
    if (matches.length > 0) add(sums, rankInMixtures(search, { rows, matches, excluded }));
  }
  return curve(gallery, sums, queryLabels.length);
}

const none = new Int32Array(0);

/** Sums over the queries so far, one a point. */
interface Sums {
  queries: number;
  readonly top1: Float64Array;
  readonly top5: Float64Array;
  readonly averagePrecision: Float64Array;
}

function emptySums(points: number): Sums {
  const zeros = (): Float64Array => new Float64Array(points);
  return { queries: 0, top1: zeros(), top5: zeros(), averagePrecision: zeros() };
}

function add(sums: Sums, { firstMatch, averagePrecision }: MixedRanks): void {
  sums.queries++;
  firstMatch.forEach((rank, point) => {
    sums.top1[point] = (sums.top1[point] ?? 0) + (rank <= 1 ? 1 : 0);
    sums.top5[point] = (sums.top5[point] ?? 0) + (rank <= 5 ? 1 : 0);
    sums.averagePrecision[point] = (sums.averagePrecision[point] ?? 0) + (averagePrecision[point] ?? 0);
  });
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
