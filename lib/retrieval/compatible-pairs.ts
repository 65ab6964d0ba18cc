import { unexpected, wholeNumber } from "../core/check";
import { classMembers } from "../core/class-members";
import { countCompatible, type Embeddings } from "./engine/search";
import { checkLabels, checkSearch } from "./input";

/** Two pairs of query and gallery over the same labelled items in one order. */
export interface CompatiblePairsInput {
  readonly before: Embeddings;
  readonly after: Embeddings;
  readonly labels: ArrayLike<number>;
}

/** Shares of pairs of different items that satisfy the strict criterion, in [0, 1]. */
export interface CompatiblePairs {
  readonly all: number;
  /** Of the pairs of one class: those that do not move apart. */
  readonly positive: number;
  /** Of the pairs of two classes: those that do not come closer. */
  readonly negative: number;
}

/**
 * The strict criterion of backward compatibility (arXiv 2003.11942) as a share of the ordered pairs
 * (query i, gallery j), i and j different items: plain L2 distance, exact in 64 bits. Embeddings of
 * another scale differ in it for that reason alone. Throws RangeError on input without meaning.
 */
export function compatiblePairs({ before, after, labels }: CompatiblePairsInput): CompatiblePairs {
  for (const side of [before, after]) {
    checkSearch({ ...side, excludeSelf: true });
    checkLabels("labels", labels, "gallery", side.gallery);
  }
  const members = [...classMembers(labels).values()];
  const pairs = countPairs(members, labels.length);
  const { positive, negative } = countCompatible(before, after, classesOf(members, labels.length));
  return {
    all: (positive + negative) / (pairs.positive + pairs.negative),
    positive: positive / pairs.positive,
    negative: negative / pairs.negative,
  };
}

/** A number from 0 on for each class, in 32 bits, which labels may exceed: [items]. */
function classesOf(members: readonly Int32Array[], items: number): Int32Array {
  const classes = new Int32Array(items);
  members.forEach((own, number) => {
    for (const item of own) classes[item] = number;
  });
  return classes;
}

/** All ordered pairs of different items; throws RangeError if there are none of one kind. */
function countPairs(members: readonly Int32Array[], items: number): { positive: number; negative: number } {
  const positive = members.reduce((sum, { length }) => sum + length * (length - 1), 0);
  const negative = items * (items - 1) - positive;
  if (positive > 0 && negative > 0) return { positive, negative };
  throw unexpected(
    "labels",
    "at least one pair of items within a class and one between classes",
    `${items} items of ${members.length} classes`,
  );
}

/**
 * Average compatibility of a sequence of models, if matrix[i][j] is a metric of query model i on a
 * gallery of model j: the share of pairs i > j with matrix[i][j] > matrix[j][j]. Throws RangeError
 * on fewer than two models and on missing numbers.
 */
export function averageCompatibility(matrix: readonly (readonly number[])[]): number {
  const models = matrix.length;
  wholeNumber("models", models, { least: 2 });
  let compatible = 0;
  for (let i = 1; i < models; i++) {
    for (let j = 0; j < i; j++) if (entry(matrix, i, j) > entry(matrix, j, j)) compatible++;
  }
  return compatible / ((models * (models - 1)) / 2);
}

function entry(matrix: readonly (readonly number[])[], i: number, j: number): number {
  const value = matrix[i]?.[j];
  if (value === undefined || Number.isNaN(value)) throw unexpected(`matrix[${i}][${j}]`, "a number", value);
  return value;
}
