import { type ApproximateRow, approximateRows, type Embeddings } from "./approximate-rows";

/** Rows of the same query against two galleries, in query order. Memory as for two searches; both end when the caller stops. */
export function* pairedRows(
  first: Embeddings,
  second: Embeddings,
): Generator<readonly [ApproximateRow, ApproximateRow], void, void> {
  const others = approximateRows(second);
  try {
    for (const row of approximateRows(first)) {
      const other = others.next();
      if (other.done)
        throw new RangeError(`${second.query.rows} queries beside ${first.query.rows}: they must be as many`);
      yield [row, other.value];
    }
  } finally {
    others.return();
  }
}
