import type { Matrix } from "../core/matrix";

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
