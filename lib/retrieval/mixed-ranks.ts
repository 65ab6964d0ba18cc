import { averagePrecisionOfCounts } from "./average-precision";
import { countMatches, type MixedQuery } from "./mixed-matches";
import { countOthers } from "./mixed-others";
import type { MixedSearch } from "./mixed-search";
import { countBehind, firstPlaced } from "./placed-rows";
import { replaceStep, unreplaced } from "./step-counts";

/** One query's relevant items in every mixed gallery. */
export interface MixedRanks {
  /** [points] Rank of the nearest, from 1; equal distances stand in gallery order. */
  readonly firstMatch: Int32Array;
  /** [points] As `rankMatches` gives it, in [0, 1]. */
  readonly averagePrecision: Float64Array;
}

/**
 * Ranks a query's relevant items in every mixed gallery, exactly. Every row falls into one slot between the distances of relevant
 * items before its replacement, and into one after: a step of replacement only moves counts between slots.
 */
export function rankInMixtures(search: MixedSearch, query: MixedQuery): MixedRanks {
  const { cuts, items } = search.order;
  const matches = countMatches(search, query);
  const others = countOthers(search, query.rows, matches.thresholds);
  const found = unreplaced(matches.counts);
  const rest = unreplaced(others.counts);
  const firstMatch = new Int32Array(cuts.length);
  const averagePrecision = new Float64Array(cuts.length);
  cuts.forEach((cut, point) => {
    if (point > 0) {
      replaceStep(found, matches.counts, point - 1);
      replaceStep(rest, others.counts, point - 1);
    }
    averagePrecision[point] = averagePrecisionOfCounts(found, rest, query.matches.length);
    const slot = found.findIndex((count) => count > 0);
    const nearest = others.tied.rows.length === 0 ? 0 : firstPlaced(matches.placed, slot, cut, items);
    firstMatch[point] = 1 + sumUpTo(rest, slot) - countBehind(others.tied, slot, cut, items, nearest);
  });
  return { firstMatch, averagePrecision };
}

function sumUpTo(counts: Uint32Array, last: number): number {
  let sum = 0;
  for (let k = 0; k <= last; k++) sum += counts[k] as number;
  return sum;
}
