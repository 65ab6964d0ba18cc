import { oneOf, unexpected, wholeNumber } from "../core/check";
import { classMembers, matchesOf } from "../core/class-members";
import type { Matrix } from "../core/matrix";
import { evaluateRetrieval, meansOf, type RetrievalResult } from "./evaluate";
import { type Answer, exhaustiveAnswers, type Judgement, type Similarity, similarities } from "./exhaustive";
import { checkLabels, checkSearch } from "./input";
import { type AtK, measuresAtK } from "./metrics/at-k";
import { setMetrics, unranked } from "./metrics/query-metrics";
import { topK } from "./top-k";

/** The labels of the items of one side: one number each, or several. */
export type ItemLabels = ArrayLike<number> | readonly (readonly number[])[];

/** A search whose answers are judged in several ways. */
export interface RankInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** A gallery row is relevant to a query if they share a label. */
  readonly labels: ItemLabels;
  readonly queryLabels?: ItemLabels;
  /** Leave gallery row i out of the answers to query i: both are the same item. */
  readonly excludeSelf?: boolean;
  readonly distance?: Similarity;
  /** The numbers of nearest items that measures are of; [1, 5, 10] by default. */
  readonly ks?: readonly number[];
  /**
   * Groups of both sides, such as cameras: relevant rows of the query's own group are left out, as
   * in the search for persons, where the same picture taken again proves nothing.
   */
  readonly groups?: { readonly gallery: ArrayLike<number>; readonly query: ArrayLike<number> };
}

/** Measures of every query, and the items it found. */
export interface Ranking {
  /** The measures that evaluateRetrieval gives, to the bit where it can give them. */
  readonly result: RetrievalResult;
  /** For each k the measures of every query; null for a query without a relevant item. */
  readonly atK: ReadonlyMap<number, readonly (AtK | null)[]>;
  /** One over the rank of the nearest relevant item of each query, NaN if there is none. */
  readonly reciprocalRank: Float64Array;
  /** The nearest items of each query, as many as the largest k, and whether each is relevant. */
  readonly lists: readonly RankedList[];
}

/** The items that a query finds, nearest first. */
export interface RankedList {
  readonly items: Int32Array;
  /** L2 distances, also of cosine between rows of length 1, or dot products. */
  readonly distances: Float64Array;
  readonly hits: Uint8Array;
}

/**
 * Ranks the gallery for every query: recall@k, precision@k and nDCG@k for each k, MRR, and the
 * measures of evaluateRetrieval. Exact, equal distances in gallery order. With several labels an
 * item, groups or dot products, every query is compared with every row. Throws RangeError on input
 * without meaning.
 */
export function rankGallery(input: RankInput, options: { readonly onQuery?: (done: number) => void } = {}): Ranking {
  const { gallery, query, labels, queryLabels = labels, excludeSelf = false, distance = "l2", ks = [1, 5, 10] } = input;
  oneOf("distance", distance, similarities);
  checkSearch({ gallery, query, excludeSelf });
  if (ks.length === 0) throw unexpected("ks", "at least one number", "none");
  for (const k of ks) wholeNumber("k", k, { least: 1, most: gallery.rows });
  checkItemLabels("labels", labels, "gallery", gallery);
  checkItemLabels("queryLabels", queryLabels, "query", query);
  const k = Math.max(...ks);
  const isRelevant = sharing(labels, queryLabels);
  if (distance !== "dot" && input.groups === undefined && isSingle(labels) && isSingle(queryLabels)) {
    const search = { gallery, query, labels, queryLabels, excludeSelf, distance };
    const result = evaluateRetrieval(search, options);
    const most = Math.min(k, gallery.rows - (excludeSelf ? 1 : 0));
    return rankingOf(
      result,
      ks,
      listsOf(topK({ ...search, k: most }), isRelevant),
      totals(labels, queryLabels, excludeSelf),
    );
  }
  const answers = exhaustively({ ...input, distance, k }, judgement(input, isRelevant), options);
  const perQuery = unranked(query.rows, (bytes) => new ArrayBuffer(bytes));
  answers.forEach(({ metrics }, i) => {
    if (metrics !== null) setMetrics(perQuery, i, metrics);
  });
  const lists = answers.map(({ items, distances: near }, q) => {
    return { items, distances: near, hits: Uint8Array.from(items, (item) => Number(isRelevant(q, item))) };
  });
  return rankingOf(meansOf(perQuery), ks, lists, (q) => answers[q]?.relevant ?? 0);
}

function exhaustively(
  search: RankInput & { readonly distance: Similarity; readonly k: number },
  judged: Judgement,
  { onQuery = () => {} }: { readonly onQuery?: (done: number) => void },
): readonly Answer[] {
  const answers: Answer[] = [];
  for (const answer of exhaustiveAnswers({ ...search, ...judged })) {
    answers.push(answer);
    onQuery(answers.length);
  }
  return answers;
}

function judgement(
  { excludeSelf = false, groups, gallery, query }: RankInput,
  isRelevant: Judgement["isRelevant"],
): Judgement {
  if (groups !== undefined) {
    checkLabels("gallery groups", groups.gallery, "gallery", gallery);
    checkLabels("query groups", groups.query, "query", query);
  }
  const isOfGroup = (q: number, item: number): boolean =>
    groups !== undefined && groups.query[q] === groups.gallery[item];
  return {
    isRelevant,
    isExcluded: (q, item) => (excludeSelf && q === item) || (isOfGroup(q, item) && isRelevant(q, item)),
  };
}

/** Throws RangeError unless each row of that side has an integer, or each a list of integers. */
function checkItemLabels(name: string, labels: ItemLabels, side: string, shape: Pick<Matrix, "rows">): void {
  if (isSingle(labels)) {
    checkLabels(name, labels, side, shape);
    return;
  }
  if (labels.length !== shape.rows)
    throw unexpected(name, `${shape.rows} lists of labels, one for each ${side} row`, labels.length);
  const wrong = labels.findIndex((own) => !Array.isArray(own) || !own.every(Number.isInteger));
  if (wrong >= 0) throw unexpected(`${name}[${wrong}]`, "a list of integers", labels[wrong]);
}

function isSingle(labels: ItemLabels): labels is ArrayLike<number> {
  return !Array.isArray(labels[0]);
}

/** Whether a gallery row shares a label with a query. */
function sharing(labels: ItemLabels, queryLabels: ItemLabels): Judgement["isRelevant"] {
  if (isSingle(labels) && isSingle(queryLabels)) return (q, item) => labels[item] === queryLabels[q];
  const setsOf = (side: ItemLabels): readonly ReadonlySet<number>[] =>
    isSingle(side) ? Array.from(side, (own) => new Set([own])) : side.map((own) => new Set(own));
  const [gallery, query] = [setsOf(labels), setsOf(queryLabels)];
  return (q, item) => {
    for (const label of query[q] as ReadonlySet<number>) if (gallery[item]?.has(label)) return true;
    return false;
  };
}

function totals(
  labels: ArrayLike<number>,
  queryLabels: ArrayLike<number>,
  excludeSelf: boolean,
): (q: number) => number {
  const members = classMembers(labels);
  return (q) => matchesOf(members, queryLabels[q] as number, excludeSelf ? q : -1).length;
}

function listsOf(found: ReturnType<typeof topK>, isRelevant: Judgement["isRelevant"]): readonly RankedList[] {
  const { k, items, squaredDistances } = found;
  return Array.from({ length: items.length / k }, (_, q) => {
    const own = items.slice(q * k, (q + 1) * k);
    return {
      items: own,
      distances: squaredDistances.slice(q * k, (q + 1) * k).map(Math.sqrt),
      hits: Uint8Array.from(own, (item) => Number(isRelevant(q, item))),
    };
  });
}

/** All measures of a ranking, from its result and the nearest items of every query. */
export function rankingOf(
  result: RetrievalResult,
  ks: readonly number[],
  lists: readonly RankedList[],
  relevant: (q: number) => number,
): Ranking {
  const { firstMatch } = result.perQuery;
  const measured = (k: number): readonly (AtK | null)[] =>
    lists.map(({ hits }, q) => (firstMatch[q] === 0 ? null : measuresAtK(hits, relevant(q), k)));
  return {
    result,
    atK: new Map(ks.map((k) => [k, measured(k)])),
    reciprocalRank: Float64Array.from(firstMatch, (rank) => (rank === 0 ? Number.NaN : 1 / rank)),
    lists,
  };
}
