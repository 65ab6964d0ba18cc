import { classMembers } from "../core/class-members";
import type { Embeddings } from "./engine/search";
import { checkLabels, type Distance, noRelevantItem } from "./input";
import { inconsistency, scoreFlips } from "./score-flips";
import { topK } from "./top-k";

/**
 * The same queries before and after an update. On each side the query and the gallery rows are the
 * labelled items in one order.
 */
export interface FlipsInput {
  /** The old pair; it may have another dimension than the new one. */
  readonly before: Embeddings;
  readonly after: Embeddings;
  readonly labels: ArrayLike<number>;
  /** An answer is right if an item of the query's class is among the k nearest. */
  readonly k?: number;
  readonly distance?: Distance;
}

/**
 * Shares of the queries that have a relevant item, in [0, 1]. The query's own item is not among the
 * answers.
 */
export interface Flips {
  /** Negative flip rate: right before, wrong after. */
  readonly negative: number;
  /** Positive flip rate: wrong before, right after. */
  readonly positive: number;
  /** positive - negative, the change of top-k. */
  readonly accuracyChange: number;
  /**
   * MUSCLE's inconsistency: the class of the nearest item is wrong after the update and differs
   * from that before it. It does not depend on k.
   */
  readonly inconsistent: number;
  /** The number of queries that the shares are over. */
  readonly queries: number;
  /** The number of queries without a relevant item. */
  readonly skipped: number;
  /** Top-1 before and after by class, ascending by label, without classes of a single item. */
  readonly classes: readonly ClassChange[];
}

/**
 * What an update does to single queries; equal distances stand in gallery order. Throws RangeError
 * on input without meaning.
 */
export function retrievalFlips({ before, after, labels, k = 1, distance = "l2" }: FlipsInput): Flips {
  const old = answers(before, labels, k, distance);
  const now = answers(after, labels, k, distance);
  const asked = queriesWithMatch(labels);
  const scores = ({ right }: Answers) => Uint8Array.from(asked, (i) => (right(i) ? 1 : 0));
  const { negative, positive } = scoreFlips({ before: scores(old), after: scores(now) });
  const classes = (found: (query: number) => number | undefined) => Array.from(asked, (i) => found(i));
  const inconsistent = inconsistency({
    before: classes(old.nearest),
    after: classes(now.nearest),
    right: classes((i) => labels[i]),
  });
  const correct = ({ nearest }: Answers) => Uint8Array.from(asked, (i) => (nearest(i) === labels[i] ? 1 : 0));
  return {
    negative,
    positive,
    accuracyChange: positive - negative,
    inconsistent,
    queries: asked.length,
    skipped: labels.length - asked.length,
    classes: classChanges(
      Array.from(asked, (i) => labels[i] as number),
      correct(old),
      correct(now),
    ),
  };
}

interface Answers {
  /** Whether an item of the query's class is among the k nearest. */
  readonly right: (query: number) => boolean;
  /** The class of the nearest item. */
  readonly nearest: (query: number) => number | undefined;
}

function answers(embeddings: Embeddings, labels: ArrayLike<number>, k: number, distance: Distance): Answers {
  checkLabels("labels", labels, "gallery", embeddings.gallery);
  const { items } = topK({ ...embeddings, k, excludeSelf: true, distance });
  return {
    right: (query) => items.subarray(query * k, (query + 1) * k).some((item) => labels[item] === labels[query]),
    nearest: (query) => labels[items[query * k] ?? -1],
  };
}

/** The items that are not alone in their class, ascending. */
function queriesWithMatch(labels: ArrayLike<number>): Int32Array {
  const members = classMembers(labels);
  const all = Int32Array.from({ length: labels.length }, (_, i) => i);
  const asked = all.filter((i) => (members.get(labels[i] as number)?.length ?? 0) > 1);
  if (asked.length > 0) return asked;
  throw noRelevantItem(labels.length);
}

/** Accuracy on the queries of one class, in [0, 1]. */
export interface ClassChange {
  readonly label: number;
  readonly before: number;
  readonly after: number;
  /** The number of queries of the class. */
  readonly n: number;
}

/**
 * Accuracy before and after by class, ascending by label. `before` and `after` hold 1 for each
 * query that is answered rightly.
 */
function classChanges(labels: ArrayLike<number>, before: Uint8Array, after: Uint8Array): readonly ClassChange[] {
  const changes = Array.from(classMembers(labels), ([label, queries]) => ({
    label,
    before: share(before, queries),
    after: share(after, queries),
    n: queries.length,
  }));
  return changes.sort((a, b) => a.label - b.label);
}

function share(correct: Uint8Array, queries: Int32Array): number {
  return queries.reduce((sum, query) => sum + (correct[query] as number), 0) / queries.length;
}
