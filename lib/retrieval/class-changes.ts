import { classMembers } from "./class-members";

/** Accuracy on the queries of one class, in [0, 1]. */
export interface ClassChange {
  readonly label: number;
  readonly before: number;
  readonly after: number;
  /** How many queries the class has. */
  readonly n: number;
}

/** Accuracy before and after by class, ascending by label; `before` and `after` hold 1 where query i is answered rightly. */
export function classChanges(labels: ArrayLike<number>, before: Uint8Array, after: Uint8Array): readonly ClassChange[] {
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
