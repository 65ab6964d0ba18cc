import { checkLabels, checkSearch } from "./input";
import type { ScoredRow } from "./scores/block";
import { type Embeddings, pairedBlocks, pairedRows } from "./scores/blocks";
import { squaredDistance } from "./scores/exact-distances";
import { inScoreMemory } from "./scores/memory";

/** Two pairs of query and gallery over the same labelled items in one order. */
interface CompatiblePairsInput {
  readonly before: Embeddings;
  readonly after: Embeddings;
  readonly labels: ArrayLike<number>;
}

/** Shares of pairs of different items that satisfy the strict criterion, in [0, 1]. */
interface CompatiblePairs {
  readonly all: number;
  /** Of the pairs of one class: those that do not move apart. */
  readonly positive: number;
  /** Of the pairs of two classes: those that do not come closer. */
  readonly negative: number;
}

/**
 * The strict criterion of backward compatibility (arXiv 2003.11942) as a share of the ordered pairs (query i, gallery j):
 * plain L2, exact in 64 bits. Models whose embeddings differ in scale differ in it for that alone. Memory: two blocks.
 */
export function compatiblePairs({ before, after, labels }: CompatiblePairsInput): CompatiblePairs {
  for (const side of [before, after]) {
    checkSearch({ ...side, excludeSelf: true });
    checkLabels("labels", labels, "gallery", side.gallery);
  }
  const classes = classNumbers(labels);
  const pairs = countPairs(classes);
  let positive = 0;
  let negative = 0;
  inScoreMemory((memory) => {
    for (const [old, now] of pairedRows(pairedBlocks(before, after, memory), memory)) {
      const satisfied = satisfiedBy({ before, after, old, now }, classes);
      positive += satisfied.positive;
      negative += satisfied.negative;
    }
  });
  return {
    all: (positive + negative) / (pairs.positive + pairs.negative),
    positive: positive / pairs.positive,
    negative: negative / pairs.negative,
  };
}

/** Counts of ordered pairs. */
interface PairCounts {
  readonly positive: number;
  readonly negative: number;
}

/** One query in both searches. */
interface QueryPair {
  readonly before: Embeddings;
  readonly after: Embeddings;
  readonly old: ScoredRow;
  readonly now: ScoredRow;
}

/** How many gallery rows satisfy the criterion with this query: the scores decide where their margins allow it. */
function satisfiedBy({ before, after, old, now }: QueryPair, classes: Int32Array): PairCounts {
  const { query } = now;
  const own = classes[query];
  const open = 1.01 * (old.margin + now.margin);
  const shift = now.offset - old.offset;
  let positive = 0;
  let negative = 0;
  for (let j = 0; j < classes.length; j++) {
    if (j === query) continue;
    let change = shift - now.weight * (now.scores[j] as number) + old.weight * (old.scores[j] as number);
    if (!(Math.abs(change) > open)) {
      change =
        squaredDistance(after.query, query, after.gallery, j) - squaredDistance(before.query, query, before.gallery, j);
    }
    if (classes[j] === own) positive += change <= 0 ? 1 : 0;
    else negative += change >= 0 ? 1 : 0;
  }
  return { positive, negative };
}

/** Each label's place among the distinct labels: equal where labels are, in 32 bits. */
function classNumbers(labels: ArrayLike<number>): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(labels, (label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
}

/** All ordered pairs of different items; throws RangeError where one kind has none, for then it has no share. */
function countPairs(classes: Int32Array): PairCounts {
  const sizes = new Map<number, number>();
  for (const number of classes) sizes.set(number, (sizes.get(number) ?? 0) + 1);
  const positive = [...sizes.values()].reduce((sum, size) => sum + size * (size - 1), 0);
  const negative = classes.length * (classes.length - 1) - positive;
  if (positive > 0 && negative > 0) return { positive, negative };
  throw new RangeError(
    `${classes.length} items of ${sizes.size} classes make ${positive} pairs within a class and ${negative} between classes: ` +
      "at least one of each is needed",
  );
}

/**
 * Average compatibility of a sequence of models: the share of pairs i > j with matrix[i][j] > matrix[j][j], where matrix[i][j] is a
 * metric of query model i on a gallery of model j. Throws RangeError on fewer than two models and on missing numbers.
 */
export function averageCompatibility(matrix: readonly (readonly number[])[]): number {
  const models = matrix.length;
  if (models < 2) throw new RangeError(`a matrix of ${models} models: at least 2 are needed`);
  let compatible = 0;
  for (let i = 1; i < models; i++) {
    for (let j = 0; j < i; j++) if (entry(matrix, i, j) > entry(matrix, j, j)) compatible++;
  }
  return compatible / ((models * (models - 1)) / 2);
}

function entry(matrix: readonly (readonly number[])[], i: number, j: number): number {
  const value = matrix[i]?.[j];
  if (value === undefined || Number.isNaN(value))
    throw new RangeError(`matrix[${i}][${j}] is ${value}: a number is needed`);
  return value;
}
