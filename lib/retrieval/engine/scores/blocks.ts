import type { Matrix } from "../../../core/matrix";
import { product, readInto } from "../../../tf/native";
import { tf } from "../../../tf/tensorflow";
import type { ScaledRows } from "../../metrics/scaled-rows";
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
export interface Sides {
  readonly gallery: ScaledRows;
  readonly query: ScaledRows;
}

/** The most bytes in a block of scores: fresh memory for more costs more than fewer calls save. */
export const blockBytes: number = 8 * 2 ** 20;

/** How a search is cut into blocks. */
interface BlockOptions {
  /** Score the whole gallery at once, rather than in parts. */
  readonly whole?: boolean;
  /** The most queries in a block. */
  readonly mostQueries?: number;
}

/** A search by blocks. */
export interface BlockSearch {
  readonly block: ScoreBlock;
  /** Block of a second search, filled side by side with the first; null if there is none. */
  readonly paired: ScoreBlock | null;
  /** Fills the block and says what it holds; that stays there until the next is asked for. */
  readonly shapes: Generator<BlockShape, void, void>;
  /** The number of scores in all. */
  readonly pairs: number;
}

/**
 * Scores of every query against every gallery row by 32-bit matrix products, at most `blockBytes`
 * (or one row) at a time: some consecutive queries against one part of the gallery after the other,
 * then further queries. One product gives product and norm at once. Room in `memory` is reserved by
 * this call. Memory: a copy of the gallery and one block.
 */
export function scoreBlocks(
  { gallery, query }: Sides,
  memory: ScoreMemory,
  { whole = false, mostQueries = query.rows }: BlockOptions = {},
): BlockSearch {
  const rowsAtOnce = whole ? gallery.rows : longestPart(gallery.rows);
  const queriesAtOnce = Math.min(query.rows, mostQueries, Math.max(1, Math.floor(blockBytes / (4 * rowsAtOnce))));
  const block = reserveBlock(memory, queriesAtOnce, rowsAtOnce, query.columns);
  const shapes = shapesOf({ gallery, query }, { memory, block, rowsAtOnce, queriesAtOnce });
  return { block, paired: null, shapes, pairs: query.rows * gallery.rows };
}

/** The same row by row: within a block query by query. */
export function* scoredRows(
  sides: Sides,
  memory: ScoreMemory,
  options: BlockOptions = {},
): Generator<ScoredRow, void, void> {
  const { block, shapes } = scoreBlocks(sides, memory, options);
  for (const shape of shapes) for (let i = 0; i < shape.queries; i++) yield rowAt(memory, block, shape, i);
}

/** How a search is cut into blocks, and where the block is. */
interface Blocks {
  readonly memory: ScoreMemory;
  readonly block: ScoreBlock;
  readonly rowsAtOnce: number;
  readonly queriesAtOnce: number;
}

function* shapesOf(
  { gallery, query }: Sides,
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

/** Gallery rows from `first` on, one a column, which TensorFlow multiplies fastest. */
interface GalleryPart {
  readonly first: number;
  readonly rows: number;
  readonly columns: tf.Tensor2D;
}

function galleryPart(
  gallery: ScaledRows,
  first: number,
  end: number,
  frame: GalleryFrame,
  split: boolean,
): GalleryPart {
  const framed = framedRows(gallery, first, end, frame);
  const columns = tf.tidy(() => tf.transpose(toTensor(split ? splitRows(framed, "high high low") : framed)));
  return { first, rows: end - first, columns };
}

function scaledQueries(
  query: ScaledRows,
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
