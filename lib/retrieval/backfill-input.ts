import type { Matrix } from "../core/matrix";
import { checkEmbeddings, checkRetrievalInput, type RetrievalInput } from "./retrieval-input";

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
