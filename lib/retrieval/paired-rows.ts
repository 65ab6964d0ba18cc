import { approximateRows, type Embeddings } from "./approximate-rows";
import type { ApproximateRow } from "./score-block";
import type { ScoreMemory } from "./score-memory";

/**
 * Rows of the same query against two whole galleries, in query order. Room in `memory` is reserved by the call; memory as for two searches,
 * and both end when the caller stops. Throws RangeError where the queries are not as many.
 */
export function pairedRows(
  first: Embeddings,
  second: Embeddings,
  memory: ScoreMemory,
): Generator<readonly [ApproximateRow, ApproximateRow], void, void> {
  if (first.query.rows !== second.query.rows)
    throw new RangeError(`${second.query.rows} queries beside ${first.query.rows}: they must be as many`);
  return pairs(approximateRows(first, memory, { whole: true }), approximateRows(second, memory, { whole: true }));
}

function* pairs(
  rows: Generator<ApproximateRow, void, void>,
  others: Generator<ApproximateRow, void, void>,
): Generator<readonly [ApproximateRow, ApproximateRow], void, void> {
  try {
    for (const row of rows) {
      const other = others.next();
      if (!other.done) yield [row, other.value];
    }
  } finally {
    others.return();
  }
}
