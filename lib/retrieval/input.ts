import { type Matrix, matrix } from "../core/matrix";

/** Distances that retrieval knows. Cosine is L2 between rows divided by their lengths: the same order. */
export const distances = ["l2", "cosine"] as const;
export type Distance = (typeof distances)[number];

/** What is searched, what for, and which answers are right. */
export interface RetrievalInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** Class of each gallery row, an integer. */
  readonly labels: ArrayLike<number>;
  /** Class of each query row; the gallery's where query and gallery are the same items. */
  readonly queryLabels?: ArrayLike<number>;
  /** Leave gallery row i out of the answers to query i: both are the same item. */
  readonly excludeSelf?: boolean;
  readonly distance?: Distance;
}

/** Throws RangeError on input that has no meaning, naming the value and what is allowed. */
export function checkRetrievalInput(input: Required<RetrievalInput>): void {
  const { gallery, query, labels, queryLabels, excludeSelf, distance } = input;
  checkDistance(distance);
  checkSearch({ gallery, query, excludeSelf });
  checkLabels("labels", labels, "gallery", gallery);
  checkLabels("queryLabels", queryLabels, "query", query);
}

/** Throws RangeError where `distance` is none that retrieval knows. */
export function checkDistance(distance: Distance): void {
  if (!distances.includes(distance)) {
    throw new RangeError(`distance ${JSON.stringify(distance)}: allowed are ${distances.join(", ")}`);
  }
}

/** Throws RangeError where these queries cannot search this gallery. */
export function checkSearch(search: Pick<Required<RetrievalInput>, "gallery" | "query" | "excludeSelf">): void {
  const { gallery, query, excludeSelf } = search;
  checkEmbeddings("gallery", gallery);
  checkEmbeddings("query", query);
  if (gallery.columns !== query.columns) {
    throw new RangeError(`query has ${query.columns} dimensions, gallery ${gallery.columns}: they must be equal`);
  }
  if (excludeSelf && gallery.rows !== query.rows) {
    throw new RangeError(
      `excludeSelf with ${query.rows} query rows and ${gallery.rows} gallery rows: ` +
        "they must be the same items in the same order; pass excludeSelf: false for others",
    );
  }
}

/** Throws RangeError where `value` is no whole number from `least` to `most`. */
export function checkCount(name: string, value: number, most: number, least = 1): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} ${value}: a whole number from ${least} to ${most} is allowed`);
}

/** Throws RangeError on an empty matrix and on values that are not finite. */
export function checkEmbeddings(name: string, { rows, columns, data }: Matrix): void {
  if (rows < 1 || columns < 1) throw new RangeError(`${name} is ${rows} x ${columns}: allowed is 1 x 1 or more`);
  if (data.length !== rows * columns) {
    throw new RangeError(`${name} is ${rows} x ${columns} but holds ${data.length} values, not ${rows * columns}`);
  }
  const at = firstNotFinite(data);
  if (at < 0) return;
  const place = `row ${Math.floor(at / columns)}, column ${at % columns}`;
  throw new RangeError(`${name} ${place} is ${data[at]}: allowed are finite numbers`);
}

/** A loop, as findIndex takes ten times as long. */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Throws RangeError unless there is one integer a row. */
export function checkLabels(
  name: string,
  labels: ArrayLike<number>,
  side: string,
  { rows }: Pick<Matrix, "rows">,
): void {
  if (labels.length !== rows) {
    throw new RangeError(`${name} has ${labels.length} labels for ${rows} ${side} rows: one a row is needed`);
  }
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i])) throw new RangeError(`${name}[${i}] is ${labels[i]}: allowed are integers`);
  }
}

/** Rows whose L2 distances are in the order of `distance`; `name` says whose row cannot be measured. */
export function distanceSpace(rows: Matrix, distance: Distance, name: string): Matrix {
  switch (distance) {
    case "l2":
      return rows;
    case "cosine":
      return directions(rows, name);
  }
}

/**
 * Every row divided by its Euclidean length: between such rows the order of L2 distances is the order of cosine distances.
 * Throws RangeError on a row of zeros, which has no direction; `name` says whose row it is.
 */
export function directions(source: Matrix, name: string): Matrix {
  const { rows, columns, data } = source;
  const unit = matrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    const length = rowLength(data, i * columns, columns);
    if (length === 0)
      throw new RangeError(`${name} row ${i} is all zeros: cosine distance needs a row of length above 0`);
    for (let c = i * columns; c < (i + 1) * columns; c++) unit.data[c] = (data[c] ?? 0) / length;
  }
  return unit;
}

function rowLength(data: Float32Array, start: number, columns: number): number {
  let sum = 0;
  for (let c = start; c < start + columns; c++) sum += (data[c] ?? 0) ** 2;
  return Math.sqrt(sum);
}

/** A gallery that is replaced row by row while it is searched. */
export interface BackfillInput extends RetrievalInput {
  /** The gallery's items embedded by the new model. */
  readonly next: Matrix;
  /** Gallery rows, the one replaced first first: each exactly once. */
  readonly order: Int32Array;
  /** How many mixed galleries to evaluate, the untouched and the replaced one included. */
  readonly points?: number;
}

/** Throws RangeError on input that has no meaning, naming the value and what is allowed. */
export function checkBackfillInput({ next, order, points, ...input }: Required<BackfillInput>): void {
  checkRetrievalInput(input);
  const { rows, columns } = input.gallery;
  checkEmbeddings("next", next);
  if (next.rows !== rows || next.columns !== columns) {
    throw new RangeError(`next is ${next.rows} x ${next.columns}, gallery ${rows} x ${columns}: they must be equal`);
  }
  if (!(Number.isInteger(points) && points >= 2)) {
    throw new RangeError(`points ${points}: a whole number of at least 2 is allowed`);
  }
  checkOrder(order, rows);
}

function checkOrder(order: Int32Array, rows: number): void {
  if (order.length !== rows) {
    throw new RangeError(`order has ${order.length} items for ${rows} gallery rows: each is needed exactly once`);
  }
  const seen = new Uint8Array(rows);
  order.forEach((item, place) => {
    if (!(item >= 0 && item < rows) || seen[item] === 1) {
      throw new RangeError(`order[${place}] is ${item}: each of 0 .. ${rows - 1} is needed exactly once`);
    }
    seen[item] = 1;
  });
}
