import { squaredDistance } from "../metrics/squared-distance";
import { inScoreMemory } from "./kept/between-searches";
import { pairedRows } from "./paired-blocks";
import type { ScoredRow } from "./scores/block";
import type { Sides } from "./scores/blocks";

/** Numbers of ordered pairs, of one class (positive) and of two (negative). */
export interface PairCounts {
  readonly positive: number;
  readonly negative: number;
}

/**
 * The number of positive pairs (of one class) that do not move apart from `before` to `after`, and
 * of negative pairs that do not come closer. `classes`: the class of each item, in gallery order.
 */
export function compatibleCounts(before: Sides, after: Sides, classes: Int32Array): PairCounts {
  let positive = 0;
  let negative = 0;
  inScoreMemory((memory) => {
    for (const [old, now] of pairedRows(before, after, memory)) {
      const counts = countQuery({ before, after, old, now }, classes);
      positive += counts.positive;
      negative += counts.negative;
    }
  });
  return { positive, negative };
}

/** One query in both searches. */
interface QueryPair {
  readonly before: Sides;
  readonly after: Sides;
  readonly old: ScoredRow;
  readonly now: ScoredRow;
}

/** The scores decide if their margins allow it; otherwise the distances are measured. */
function countQuery({ before, after, old, now }: QueryPair, classes: Int32Array): PairCounts {
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
