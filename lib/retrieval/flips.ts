import { checkLabels, type Distance } from "./input";
import { classMembers } from "./ranking/class-members";
import type { Embeddings } from "./scores/blocks";
import { topK } from "./top-k";

/** The same queries before and after an update; each side's query and gallery rows are the labelled items in one order. */
export interface FlipsInput {
  /** The old pair. Its dimension may differ from the other's. */
  readonly before: Embeddings;
  readonly after: Embeddings;
  readonly labels: ArrayLike<number>;
  /** An answer is right where an item of the query's class is among the k nearest. */
  readonly k?: number;
  readonly distance?: Distance;
}

/** Shares of the queries that have a relevant item, in [0, 1]; the query's own item is no answer. */
export interface Flips {
  /** Negative flip rate: right before, wrong after. */
  readonly negative: number;
  /** Positive flip rate: wrong before, right after. */
  readonly positive: number;
  /** positive - negative, the change of top-k. */
  readonly accuracyChange: number;
  /** MUSCLE's inconsistency: the nearest item's class is wrong after and not what it was before, whatever k. */
  readonly inconsistent: number;
  /** How many queries the shares are over. */
  readonly queries: number;
  /** How many had no relevant item. */
  readonly skipped: number;
  /** Top-1 before and after by class, ascending; classes of one item left out. */
  readonly classes: readonly ClassChange[];
}

/** What an update does to single queries, ties by gallery order. Throws RangeError on input without meaning. */
export function retrievalFlips({ before, after, labels, k = 1, distance = "l2" }: FlipsInput): Flips {
  const old = answers(before, labels, k, distance);
  const now = answers(after, labels, k, distance);
  const asked = queriesWithMatch(labels);
  const share = (flipped: (query: number) => boolean): number => asked.filter(flipped).length / asked.length;
  const negative = share((i) => old.right(i) && !now.right(i));
  const positive = share((i) => !old.right(i) && now.right(i));
  const inconsistent = share((i) => now.nearest(i) !== labels[i] && now.nearest(i) !== old.nearest(i));
  const correct = ({ nearest }: Answers) => Uint8Array.from(asked, (i) => (nearest(i) === labels[i] ? 1 : 0));
  return {
    negative,
    positive,
    accuracyChange: positive - negative,
    inconsistent,
    queries: asked.length,
    skipped: labels.length - asked.length,
    classes: classChanges(
      Array.from(asked, (i) => labels[i] ?? Number.NaN),
      correct(old),
      correct(now),
    ),
  };
}

interface Answers {
  /** Whether an item of the query's class is among the k nearest. */
  readonly right: (query: number) => boolean;
  /** Class of the nearest item. */
  readonly nearest: (query: number) => number | undefined;
}

function answers(embeddings: Embeddings, labels: ArrayLike<number>, k: number, distance: Distance): Answers {
  checkLabels("labels", labels, "gallery", embeddings.gallery);
  const { items } = topK({ ...embeddings, k, distance });
  return {
    right: (query) => items.subarray(query * k, (query + 1) * k).some((item) => labels[item] === labels[query]),
    nearest: (query) => labels[items[query * k] ?? -1],
  };
}

/** The items that are not alone in their class, ascending. */
function queriesWithMatch(labels: ArrayLike<number>): Int32Array {
  const members = classMembers(labels);
  const all = Int32Array.from({ length: labels.length }, (_, i) => i);
  const asked = all.filter((i) => (members.get(labels[i] ?? Number.NaN)?.length ?? 0) > 1);
  if (asked.length > 0) return asked;
  throw new RangeError(`none of ${labels.length} queries has an item of its class in the gallery: one must`);
}

/** Accuracy on the queries of one class, in [0, 1]. */
interface ClassChange {
  readonly label: number;
  readonly before: number;
  readonly after: number;
  /** How many queries the class has. */
  readonly n: number;
}

/** Accuracy before and after by class, ascending by label; `before` and `after` hold 1 where query i is answered rightly. */
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
  return queries.reduce((sum, query) => sum + (correct[query] ?? 0), 0) / queries.length;
}
