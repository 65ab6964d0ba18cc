import type { Matrix } from "../core/matrix";
import { product, readInto } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { framedQueries, framedRows, type GalleryFrame, galleryFrame, normsAlone } from "./gallery-frame";
import { productError, reducedPrecision, splitRows, toTensor } from "./product-precision";
import type { ScoreMemory } from "./score-memory";

/** Both sides of a search, rows of one width. */
export interface Embeddings {
  readonly gallery: Matrix;
  readonly query: Matrix;
}

/** One query against consecutive gallery rows: |q - g|^2 of row first + j is within `margin` of offset - weight * scores[j]. */
export interface ApproximateRow extends QueryScale {
  readonly query: number;
  /** The gallery row of the first score. */
  readonly first: number;
  /** The caller's to overwrite until the next row is asked for. */
  readonly scores: Float32Array;
  /** Where the scores are in the search's memory. */
  readonly address: number;
}

/** How a query's scores become squared distances. */
export interface QueryScale {
  readonly offset: number;
  /** Above 0. */
  readonly weight: number;
  /** Above 0: a bound on the rounding in 32 bits, of a score and of what is computed from it; not an estimate. */
  readonly margin: number;
}

/** What one block of scores may take, in bytes: larger blocks cost more in fresh memory than they save in calls. */
export const blockBytes: number = 8 * 2 ** 20;

/** Gallery rows at once where the caller takes parts: with `blockBytes` enough queries for a fast product. */
const mostRows = 2 ** 14;

/** How a search is cut up. */
export interface RowOptions {
  /** Give the scores of the whole gallery at once, and not those of parts of it. */
  readonly whole?: boolean;
  /** How many queries may be between their first part and their last. */
  readonly mostQueries?: number;
}

/** The most gallery rows that a row of a search by parts has. */
export function longestPart(gallery: Matrix): number {
  return Math.ceil(gallery.rows / Math.ceil(gallery.rows / mostRows));
}

/**
 * Squared L2 distances of every query row to every gallery row by 32-bit matrix products, of at most `blockBytes` (or one row) at a time:
 * for some consecutive queries the first part of the gallery, query by query, then the next part, until all is done; then further
 * queries. One product gives product and norm at once. Room in `memory` is reserved by the call. Memory: a copy of the gallery and one block.
 */
export function approximateRows(
  { gallery, query }: Embeddings,
  memory: ScoreMemory,
  { whole = false, mostQueries = query.rows }: RowOptions = {},
): Generator<ApproximateRow, void, void> {
  const rowsAtOnce = whole ? gallery.rows : longestPart(gallery);
  const queriesAtOnce = Math.min(query.rows, mostQueries, Math.max(1, Math.floor(blockBytes / (4 * rowsAtOnce))));
  const block = memory.reserve(queriesAtOnce * rowsAtOnce);
  return rows({ gallery, query }, { memory, block, rowsAtOnce, queriesAtOnce });
}

/** How a search is cut into blocks, and where the block is held. */
interface Blocks {
  readonly memory: ScoreMemory;
  readonly block: number;
  readonly rowsAtOnce: number;
  readonly queriesAtOnce: number;
}

function* rows(
  { gallery, query }: Embeddings,
  { memory, block, rowsAtOnce, queriesAtOnce }: Blocks,
): Generator<ApproximateRow, void, void> {
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
      for (const part of parts) {
        multiply(framed, part.columns, memory.floats(block, framed.rows * part.rows));
        for (let i = 0; i < framed.rows; i++) {
          const address = block + 4 * i * part.rows;
          const scores = memory.floats(address, part.rows);
          yield { query: first + i, first: part.first, scores, address, ...(scales[i] as QueryScale) };
        }
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
