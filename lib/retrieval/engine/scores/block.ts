import { row } from "../../../core/matrix";
import { factorOf, type ScaledRows } from "../../metrics/scaled-rows";
import type { AskedRow } from "./exact-distances";
import type { ScoreMemory } from "./memory";

/**
 * The scores of one query against consecutive gallery rows. A score falls as distance grows:
 * |q - g|^2 of row first + j is within `margin` of offset - weight * scores[j].
 */
export interface ScoredRow extends QueryScale, AskedRow {
  readonly query: number;
  /** The query's place in its block. */
  readonly place: number;
  /** The gallery row of the first score. */
  readonly first: number;
  /** The caller may overwrite them until the next row is asked for. */
  readonly scores: Float32Array;
  /** Address of the scores in the search's memory. */
  readonly address: number;
}

/** How a query's scores become squared distances. */
export interface QueryScale {
  readonly offset: number;
  /** Above 0. */
  readonly weight: number;
  /**
   * Above 0: a bound, not an estimate, on the rounding in 32 bits of a score and of what is
   * computed from it.
   */
  readonly margin: number;
}

/**
 * Addresses of the scores of consecutive queries and gallery rows in a search's memory. A search
 * fills the same block again and again.
 */
export interface ScoreBlock {
  /** Four whole numbers: the first query, the number of queries, and the same of gallery rows. */
  readonly shape: number;
  /** Four numbers of 64 bits a query: offset, weight, margin, factor. */
  readonly scales: number;
  readonly asked: number;
  readonly scores: number;
  readonly columns: number;
  /** The most queries that it holds. */
  readonly queries: number;
}

/** What a block holds now. */
export interface BlockShape {
  readonly firstQuery: number;
  readonly queries: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** The most gallery rows that a search by parts scores at once. */
const mostRows = 2 ** 14;

/** The most gallery rows in a part if a gallery is searched by parts. */
export function longestPart(galleryRows: number): number {
  return Math.ceil(galleryRows / Math.ceil(galleryRows / mostRows));
}

/** Room for blocks of up to this number of queries and gallery rows. */
export function reserveBlock(memory: ScoreMemory, queries: number, rows: number, columns: number): ScoreBlock {
  return {
    shape: memory.reserve(4),
    scales: memory.reserve(8 * queries),
    asked: memory.reserve(queries * columns),
    scores: memory.reserve(queries * rows),
    columns,
    queries,
  };
}

/** Writes the queries from `first` on, one for each of `scales`. */
export function writeQueries(
  memory: ScoreMemory,
  block: ScoreBlock,
  query: ScaledRows,
  first: number,
  scales: readonly QueryScale[],
): void {
  scales.forEach(({ offset, weight, margin }, i) => {
    memory.doubles(block.scales + 32 * i, 4).set([offset, weight, margin, factorOf(query, first + i)]);
    memory.floats(block.asked + 4 * i * block.columns, block.columns).set(row(query, first + i));
  });
}

export function writeShape(memory: ScoreMemory, block: ScoreBlock, shape: BlockShape): void {
  memory.integers(block.shape, 4).set([shape.firstQuery, shape.queries, shape.firstRow, shape.rows]);
}

export function readShape(memory: ScoreMemory, block: ScoreBlock): BlockShape {
  const [firstQuery = 0, queries = 0, firstRow = 0, rows = 0] = memory.integers(block.shape, 4);
  return { firstQuery, queries, firstRow, rows };
}

/** The row of the query at a place in the block. */
export function rowAt(memory: ScoreMemory, block: ScoreBlock, shape: BlockShape, place: number): ScoredRow {
  const scale = memory.doubles(block.scales + 32 * place, 4);
  const address = block.scores + 4 * place * shape.rows;
  return {
    query: shape.firstQuery + place,
    asked: memory.floats(block.asked + 4 * place * block.columns, block.columns),
    place,
    first: shape.firstRow,
    scores: memory.floats(address, shape.rows),
    address,
    offset: scale[0] as number,
    weight: scale[1] as number,
    margin: scale[2] as number,
    factor: scale[3] as number,
  };
}

/**
 * Removes a gallery row whose exact squared distance is known from a row of scores. Throws Error if
 * the score and that distance differ by more than the margin.
 */
export function removeMeasured(row: ScoredRow, item: number, distance: number): void {
  const at = item - row.first;
  const approximation = row.offset - row.weight * (row.scores[at] as number);
  if (!(Math.abs(approximation - distance) <= row.margin))
    throw new Error(imprecise(row, item, approximation, distance));
  row.scores[at] = Number.NEGATIVE_INFINITY;
}

/** Removes an excluded gallery row from a row of scores, if it is there. */
export function exclude({ first, scores }: ScoredRow, item: number): void {
  if (item >= first && item < first + scores.length) scores[item - first] = Number.NEGATIVE_INFINITY;
}

function imprecise({ query, margin }: ScoredRow, item: number, approximation: number, distance: number): string {
  return (
    `squared distance of query ${query} and gallery row ${item}: expected ${distance}, which its rows give, ` +
    `to within ${margin}, got ${approximation} from the matrix product. Is TensorFlow set to reduced precision?`
  );
}
