import { type BlockShape, rowAt, type ScoreBlock, type ScoredRow } from "./scores/block";
import { type BlockSearch, type Sides, scoreBlocks } from "./scores/blocks";
import type { ScoreMemory } from "./scores/memory";

/** Two searches by blocks, side by side. */
type PairedSearch = BlockSearch & { readonly paired: ScoreBlock };

/**
 * The blocks of two searches of whole galleries side by side. Room in `memory` is reserved by this
 * call; memory as for two searches. Both end when the caller stops. Throws RangeError if the
 * numbers of queries or of gallery rows differ.
 */
export function pairedBlocks(first: Sides, second: Sides, memory: ScoreMemory): PairedSearch {
  for (const [side, what] of [
    ["query", "queries"],
    ["gallery", "gallery rows"],
  ] as const) {
    const [one, other] = [first[side].rows, second[side].rows];
    if (one !== other) throw new RangeError(`the second search: expected ${one} ${what} like the first, got ${other}`);
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

/** The rows of the same query in both searches, query by query. */
export function* pairedRows(
  first: Sides,
  second: Sides,
  memory: ScoreMemory,
): Generator<readonly [ScoredRow, ScoredRow], void, void> {
  const { block, paired, shapes } = pairedBlocks(first, second, memory);
  for (const shape of shapes) {
    for (let i = 0; i < shape.queries; i++) yield [rowAt(memory, block, shape, i), rowAt(memory, paired, shape, i)];
  }
}
