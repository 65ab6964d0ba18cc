import { wholeNumber } from "../../core/check";
import { classMembers, matchesOf } from "../../core/class-members";
import type { Matrix } from "../../core/matrix";
import type { MatrixSource } from "../../core/matrix-source";
import { type CountedOthers, inPieces, type MeasuredMatches } from "../engine/search";
import { galleryParts, rowsInPart } from "../evaluate-streamed";
import { checkLabels, checkShapes, type Distance, distanceSpace } from "../input";
import { selectScaledRows } from "../metrics/scaled-rows";
import { mergedNearest, type NearestList, nearestInPart, noneNearest } from "./nearest-lists";
import { joined, type MeasuredShard, relevantItems } from "./relevant-items";

/** Queries, and one shard of the gallery that they search: consecutive rows of it. */
export interface ShardSearch {
  readonly query: Matrix;
  readonly queryLabels: ArrayLike<number>;
  readonly shard: MatrixSource;
  /** Class of each row of the shard. */
  readonly labels: ArrayLike<number>;
  /** The gallery row that is the shard's first. Rows are counted in 32 bits: up to 2^31. */
  readonly first: number;
  /** Leave gallery row i out of the answers to query i. */
  readonly excludeSelf: boolean;
  readonly distance: Distance;
  /** Bytes for blocks of both sides; what is returned is not counted. */
  readonly memory: number;
  /** Is told the share of the work that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What a shard adds to the ranks of the relevant items of the whole gallery, query by query. */
export interface CountedShard {
  readonly counts: Uint32Array;
  readonly shifts: Int32Array;
  /** The nearest items of each query in the shard; null if none were asked for. */
  readonly nearest: readonly NearestList[] | null;
}

/** The first reading of a shard. Throws RangeError on input without meaning. */
export async function measureShard(search: ShardSearch): Promise<MeasuredShard> {
  check(search);
  const { query, queryLabels, labels, first, excludeSelf, onProgress = () => {} } = search;
  const members = classMembers(labels);
  const asked = Array.from({ length: query.rows }, (_, index) => {
    const own = matchesOf(members, queryLabels[index] as number, excludeSelf ? index - first : -1);
    return { matches: own.map((item) => item + first), excluded: -1 };
  });
  const measured = await inGroups(search, asked, (group) => inPieces.measure(group));
  onProgress(1);
  return {
    found: Int32Array.from(asked, ({ matches }) => matches.length),
    items: joined(
      asked.map(({ matches }) => matches),
      (length) => new Int32Array(length),
    ),
    distances: joined(measured.map(orNone), (length) => new Float64Array(length)),
  };
}

/**
 * The second reading of a shard, once all shards are measured, given in their order; and its `k`
 * nearest items of each query, none by default.
 */
export async function countShard(
  search: ShardSearch,
  measured: readonly MeasuredShard[],
  { k = 0 }: { readonly k?: number } = {},
): Promise<CountedShard> {
  check(search);
  const { query, excludeSelf } = search;
  const relevant = relevantItems(measured);
  const asked = relevant.map(({ items }, index) => ({ matches: items, excluded: excludeSelf ? index : -1 }));
  const nearest = k === 0 ? null : Array.from({ length: query.rows }, noneNearest);
  const counted = await inGroups(search, asked, (group) => {
    const onPart = (part: GalleryPart): void => {
      if (nearest !== null) takeNearest(nearest, group, { part, k });
      group.onPart(part);
    };
    return inPieces.count({
      ...group,
      onPart,
      measured: group.queries.map((index) => relevant[index]?.distances ?? null),
    });
  });
  return {
    counts: joined(
      counted.map((one) => one?.counts ?? new Uint32Array()),
      (length) => new Uint32Array(length),
    ),
    shifts: joined(
      counted.map((one) => one?.shifts ?? new Int32Array()),
      (length) => new Int32Array(length),
    ),
    nearest,
  };
}

/** Enters what a part of the gallery adds to the nearest items of a group of queries. */
function takeNearest(
  nearest: NearestList[],
  { queries, query, asked }: Group,
  { part, k }: { readonly part: GalleryPart; readonly k: number },
): void {
  const excluded = asked.map((one) => one.excluded);
  nearestInPart({ query, part, k, excluded }).forEach((list, place) => {
    const index = queries[place] as number;
    nearest[index] = mergedNearest([nearest[index] ?? noneNearest(), list], k);
  });
}

function check({ query, queryLabels, shard, labels, first, memory }: ShardSearch): void {
  wholeNumber("first row of the shard", first, { least: 0, most: 2 ** 31 - shard.rows });
  if (!(memory > 0)) throw new RangeError(`memory: expected a number above 0, got ${memory}`);
  // That row i is item i on both sides is a matter of the whole gallery.
  checkShapes({ gallery: shard, query, excludeSelf: false });
  checkLabels("labels", labels, "shard", shard);
  checkLabels("queryLabels", queryLabels, "query", query);
}

interface Asked {
  readonly matches: Int32Array;
  readonly excluded: number;
}

/** Some of the queries, as the engine takes them, and which they are. */
type Group = Parameters<typeof inPieces.measure>[0] & {
  readonly queries: readonly number[];
  readonly onPart: (part: GalleryPart) => void;
};

interface GalleryPart {
  readonly first: number;
  readonly gallery: Matrix;
}

type PerQueryResult = MeasuredMatches | CountedOthers;

/** Works on as many queries at once as half the memory holds; the shard is read for each group. */
async function inGroups<T extends PerQueryResult | null>(
  { query, shard, first, distance, memory, onProgress = () => {} }: ShardSearch,
  asked: readonly Asked[],
  work: (group: Group) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const rows = distanceSpace(query, distance, "query");
  const rowsAtOnce = rowsInPart(shard.columns, memory / 2);
  const results: T[] = [];
  for (const queries of groupsOf(query.columns, asked, memory / 2)) {
    const done = results.length;
    const group = {
      queries,
      query: selectScaledRows(rows, Int32Array.from(queries)),
      asked: queries.map((index) => asked[index] as Asked),
      readGallery: () => galleryParts(shard, { rowsAtOnce, distance, origin: first }),
      onPart: (part: GalleryPart) => {
        const share = (part.first + part.gallery.rows - first) / shard.rows;
        onProgress((done + share * queries.length) / query.rows);
      },
    };
    for (const one of await work(group)) results.push(one);
  }
  return results;
}

function groupsOf(columns: number, asked: readonly Asked[], most: number): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let bytes = 0;
  asked.forEach(({ matches }, index) => {
    // Embeddings as read, as directions and centred; for each match an index, two distances, two
    // counts.
    const own = 3 * 4 * columns + 1000 + 28 * matches.length;
    bytes += own;
    const group = groups.at(-1);
    if (group !== undefined && bytes <= most) group.push(index);
    else {
      groups.push([index]);
      bytes = own;
    }
  });
  return groups;
}

function orNone(measured: MeasuredMatches): Float64Array {
  return measured ?? new Float64Array();
}
