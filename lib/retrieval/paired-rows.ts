import { type BlockSearch, type Embeddings, scoreBlocks } from "./approximate-rows";
import { type ApproximateRow, type BlockShape, rowAt } from "./score-block";
import type { ScoreMemory } from "./score-memory";

/** A search by blocks of which each has a pair. */
export type PairedSearch = BlockSearch & { readonly paired: NonNullable<BlockSearch["paired"]> };

/**
 * The blocks of two searches of whole galleries side by side. Room in `memory` is reserved by the call; memory as for two searches, and both end
 * when the caller stops. Throws RangeError where the queries or the gallery rows are not as many.
 */
export function pairedBlocks(first: Embeddings, second: Embeddings, memory: ScoreMemory): PairedSearch {
  for (const [side, what] of [
    ["query", "queries"],
    ["gallery", "gallery rows"],
  ] as const) {
    const [one, other] = [first[side].rows, second[side].rows];
    if (one !== other) throw new RangeError(`${other} ${what} beside ${one}: they must be as many`);
  }
  const search = scoreBlocks(first, memory, { whole: true });
  const other = scoreBlocks(second, memory, { whole: true });
  const shapes = sideBySide(search.shapes, other.shapes);
  return { block: search.block, paired: other.block, shapes, pairs: search.pairs + other.pairs };
}

function* sideBySide(
  shapes: Generator<BlockShape, void, void>,
  others: Generator<BlockShape, void, void>,
): Generator<BlockShape, void, void> {
  try {
    for (const shape of shapes) {
      others.next();
      yield shape;
    }
  } finally {
    others.return();
  }
}

/** The same query by query. */
export function* pairedRows(
  { block, paired, shapes }: PairedSearch,
  memory: ScoreMemory,
): Generator<readonly [ApproximateRow, ApproximateRow], void, void> {
  for (const shape of shapes) {
    for (let i = 0; i < shape.queries; i++) yield [rowAt(memory, block, shape, i), rowAt(memory, paired, shape, i)];
  }
}
