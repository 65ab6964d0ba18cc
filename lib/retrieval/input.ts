import { oneOf, unexpected } from "../core/check";
import { type Matrix, matrix } from "../core/matrix";
import type { ScaledRows } from "./metrics/scaled-rows";

/**
 * Cosine is computed as L2 between rows divided by their lengths in 64 bits, which gives the same
 * order.
 */
export const distances = ["l2", "cosine"] as const;
export type Distance = (typeof distances)[number];

/** What is searched, what for, and which answers are right. */
export interface RetrievalInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** Class of each gallery row, an integer. */
  readonly labels: ArrayLike<number>;
  /** Class of each query row; `labels` by default, if query and gallery are the same items. */
  readonly queryLabels?: ArrayLike<number>;
  /**
   * Leave gallery row i out of the answers to query i: both are the same item. False by default.
   */
  readonly excludeSelf?: boolean;
  readonly distance?: Distance;
}

/** Throws RangeError on input that has no meaning, naming the value and what is allowed. */
export function checkRetrievalInput(input: Required<RetrievalInput>): void {
  const { gallery, query, labels, queryLabels, excludeSelf, distance } = input;
  oneOf("distance", distance, distances);
  checkSearch({ gallery, query, excludeSelf });
  checkLabels("labels", labels, "gallery", gallery);
  checkLabels("queryLabels", queryLabels, "query", query);
}

/** Throws RangeError if these queries cannot search this gallery. */
export function checkSearch(search: Pick<Required<RetrievalInput>, "gallery" | "query" | "excludeSelf">): void {
  checkEmbeddings("gallery", search.gallery);
  checkEmbeddings("query", search.query);
  checkShapes(search);
}

/** The number of rows and columns of embeddings. */
type Shape = Pick<Matrix, "rows" | "columns">;

/** Throws RangeError if queries of this shape cannot search a gallery of this shape. */
export function checkShapes({
  gallery,
  query,
  excludeSelf,
}: {
  readonly gallery: Shape;
  readonly query: Shape;
  readonly excludeSelf: boolean;
}): void {
  if (gallery.columns !== query.columns) {
    throw unexpected("query", `${gallery.columns} dimensions like gallery`, query.columns);
  }
  if (excludeSelf && gallery.rows !== query.rows) {
    throw unexpected(
      "excludeSelf",
      "query and gallery to be the same items in the same order (pass excludeSelf: false for others)",
      `${query.rows} query rows and ${gallery.rows} gallery rows`,
    );
  }
}

/** Throws RangeError on an empty matrix and on values that are not finite. */
export function checkEmbeddings(name: string, { rows, columns, data }: Matrix): void {
  const shape = `${rows} x ${columns}`;
  if (rows < 1 || columns < 1) throw unexpected(name, "at least 1 x 1", shape);
  if (data.length !== rows * columns) throw unexpected(`${name}, ${shape}`, `${rows * columns} values`, data.length);
  const at = firstNotFinite(data);
  if (at < 0) return;
  throw unexpected(`${name} row ${Math.floor(at / columns)}, column ${at % columns}`, "a finite number", data[at]);
}

/** A loop, because findIndex takes ten times as long. */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Throws RangeError unless there is one integer for each row of that side. */
export function checkLabels(
  name: string,
  labels: ArrayLike<number>,
  side: string,
  { rows }: Pick<Matrix, "rows">,
): void {
  if (labels.length !== rows) throw unexpected(name, `${rows} labels, one for each ${side} row`, labels.length);
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]))
      throw unexpected(`${name}[${i}]`, `an integer${labelAdvice(labels[i])}`, labels[i]);
  }
}

/** What to do about labels of a common other type; callers without types may pass them. */
function labelAdvice(label: unknown): string {
  if (typeof label === "bigint") return " of type number (pass Float64Array.from(labels, Number))";
  if (typeof label === "string" || typeof label === "boolean") return " (number the classes of both sides together)";
  return Array.isArray(label) || ArrayBuffer.isView(label) ? " (pass the class of each row, not a row of 0 and 1)" : "";
}

/** Throws RangeError unless `next` has the shape of the gallery it replaces. */
export function checkReplacement(next: Matrix, { rows, columns }: Matrix): void {
  checkEmbeddings("next", next);
  if (next.rows === rows && next.columns === columns) return;
  throw unexpected("next", `${rows} x ${columns} like gallery`, `${next.rows} x ${next.columns}`);
}

/** The error of a search in which every query would be skipped. */
export function noRelevantItem(queries: number): RangeError {
  return unexpected("labels", `at least one of ${queries} queries with an item of its class in the gallery`, "none");
}

/**
 * Rows whose L2 distances are in the order of `distance`: for cosine, rows that stand for
 * themselves divided by their lengths, in 64 bits. Throws RangeError on a row of zeros, which has
 * no direction; `name` says whose row it is.
 */
export function distanceSpace(rows: Matrix, distance: Distance, name: string): ScaledRows {
  switch (distance) {
    case "l2":
      return rows;
    case "cosine":
      return { ...rows, factors: Float64Array.from({ length: rows.rows }, (_, i) => 1 / directed(rows, i, name)) };
  }
}

/**
 * Every row divided by its Euclidean length, as 32-bit floats. Throws RangeError on a row of zeros,
 * which has no direction; `name` says whose row it is.
 */
export function directions(source: Matrix, name: string): Matrix {
  const { rows, columns, data } = source;
  const unit = matrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    const length = directed(source, i, name);
    for (let c = i * columns; c < (i + 1) * columns; c++) unit.data[c] = (data[c] as number) / length;
  }
  return unit;
}

/** The length of a row that has a direction. */
function directed({ columns, data }: Matrix, i: number, name: string): number {
  const length = rowLength(data, i * columns, columns);
  if (length > 0) return length;
  throw new RangeError(`${name} row ${i} is all zeros: cosine distance needs a row of length above 0`);
}

function rowLength(data: Float32Array, start: number, columns: number): number {
  let sum = 0;
  for (let c = start; c < start + columns; c++) sum += (data[c] as number) ** 2;
  return Math.sqrt(sum);
}
