import type { Matrix } from "../../core/matrix";
import { product, readInto } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import {
  type BlockShape,
  longestPart,
  type QueryScale,
  reserveBlock,
  rowAt,
  type ScoreBlock,
  type ScoredRow,
  writeQueries,
  writeShape,
} from "./block";
import {
  framedQueries,
  framedRows,
  type GalleryFrame,
  galleryFrame,
  normsAlone,
  productError,
  reducedPrecision,
  splitRows,
  toTensor,
} from "./frame";
import type { ScoreMemory } from "./memory";

/** Both sides of a search, rows of one width. */
export interface Embeddings {
  readonly gallery: Matrix;
  readonly query: Matrix;
}

/** What one block of scores may take, in bytes: larger blocks cost more in fresh memory than they save in calls. */
export const blockBytes: number = 8 * 2 ** 20;

/** How a search is cut up. */
interface RowOptions {
  /** Give the scores of the whole gallery at once, and not those of parts of it. */
  readonly whole?: boolean;
  /** How many queries may be between their first part and their last. */
  readonly mostQueries?: number;
}

/** A search by blocks: where they are held, and what each holds, which is there until the next is asked for. */
export interface BlockSearch {
  readonly block: ScoreBlock;
  /** Where the blocks of another search of the same shapes are held, side by side with these; null where there is none. */
  readonly paired: ScoreBlock | null;
  readonly shapes: Generator<BlockShape, void, void>;
  /** How many scores there are in all. */
  readonly pairs: number;
}

/**
 * Squared L2 distances of every query row to every gallery row by 32-bit matrix products, of at most `blockBytes` (or one row) at a time:
 * for some consecutive queries the first part of the gallery, then the next part, until all is done; then further queries. One product gives
 * product and norm at once. Room in `memory` is reserved by the call. Memory: a copy of the gallery and one block.
 */
export function scoreBlocks(
  { gallery, query }: Embeddings,
  memory: ScoreMemory,
  { whole = false, mostQueries = query.rows }: RowOptions = {},
): BlockSearch {
  const rowsAtOnce = whole ? gallery.rows : longestPart(gallery.rows);
  const queriesAtOnce = Math.min(query.rows, mostQueries, Math.max(1, Math.floor(blockBytes / (4 * rowsAtOnce))));
  const block = reserveBlock(memory, queriesAtOnce, rowsAtOnce, query.columns);
  const shapes = shapesOf({ gallery, query }, { memory, block, rowsAtOnce, queriesAtOnce });
  return { block, paired: null, shapes, pairs: query.rows * gallery.rows };
}

/** The same row by row: in a block query by query. */
export function approximateRows(
  embeddings: Embeddings,
  memory: ScoreMemory,
  options: RowOptions = {},
): Generator<ScoredRow, void, void> {
  return rowsOf(scoreBlocks(embeddings, memory, options), memory);
}

function* rowsOf({ block, shapes }: BlockSearch, memory: ScoreMemory): Generator<ScoredRow, void, void> {
  for (const shape of shapes) for (let i = 0; i < shape.queries; i++) yield rowAt(memory, block, shape, i);
}

/** How a search is cut into blocks, and where the block is held. */
interface Blocks {
  readonly memory: ScoreMemory;
  readonly block: ScoreBlock;
  readonly rowsAtOnce: number;
  readonly queriesAtOnce: number;
}

function* shapesOf(
  { gallery, query }: Embeddings,
  { memory, block, rowsAtOnce, queriesAtOnce }: Blocks,
): Generator<BlockShape, void, void> {
  const frame = galleryFrame(gallery);
  const split = reducedPrecision();
  const parts: GalleryPart[] = [];
  try {
    for (let first = 0; first < gallery.rows; first += rowsAtOnce) {
      parts.push(galleryPart(gallery, first, Math.min(first + rowsAtOnce, gallery.rows), frame, split));
    }
    for (let first = 0; first < query.rows; first += queriesAtOnce) {
      const end = Math.min(first + queriesAtOnce, query.rows);
      const { framed, scales } = scaledQueries(query, first, end, frame, split);
      writeQueries(memory, block, query, first, scales);
      for (const part of parts) {
        multiply(framed, part.columns, memory.floats(block.scores, framed.rows * part.rows));
        const shape = { firstQuery: first, queries: framed.rows, firstRow: part.first, rows: part.rows };
        writeShape(memory, block, shape);
        yield shape;
      }
    }
  } finally {
    for (const { columns } of parts) columns.dispose();
  }
}

/** Gallery rows from `first` on as TensorFlow multiplies them fastest, each a column. */
interface GalleryPart {
  readonly first: number;
  readonly rows: number;
  readonly columns: tf.Tensor2D;
}

function galleryPart(gallery: Matrix, first: number, end: number, frame: GalleryFrame, split: boolean): GalleryPart {
  const framed = framedRows(gallery, first, end, frame);
  const columns = tf.tidy(() => tf.transpose(toTensor(split ? splitRows(framed, "high high low") : framed)));
  return { first, rows: end - first, columns };
}

function scaledQueries(
  query: Matrix,
  first: number,
  end: number,
  frame: GalleryFrame,
  split: boolean,
): { readonly framed: Matrix; readonly scales: readonly QueryScale[] } {
  const { framed, lengths, factors } = framedQueries(query, first, end, frame);
  const squaredReach = frame.reach ** 2;
  const rounding = productError(framed.columns, split) + 2 ** -21;
  const scales = Array.from(lengths, (length, i): QueryScale => {
    const factor = factors[i] as number;
    const alone = factor >= normsAlone;
    const weight = alone ? squaredReach : 2 * length * frame.reach;
    const error = alone ? squaredReach * (rounding + 1 / factor) : rounding * (weight + squaredReach);
    return { offset: length ** 2, weight, margin: error + (length ** 2 + squaredReach) * 2 ** -40 + 1e-200 };
  });
  return { framed: split ? splitRows(framed, "high low high") : framed, scales };
}

function multiply(queries: Matrix, columns: tf.Tensor2D, scores: Float32Array): void {
  tf.tidy(() => readInto(product(toTensor(queries), columns), scores));
}

/** A search by blocks of which each has a pair. */
type PairedSearch = BlockSearch & { readonly paired: NonNullable<BlockSearch["paired"]> };

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
): Generator<readonly [ScoredRow, ScoredRow], void, void> {
  for (const shape of shapes) {
    for (let i = 0; i < shape.queries; i++) yield [rowAt(memory, block, shape, i), rowAt(memory, paired, shape, i)];
  }
}
