/**
 * Average precision as scikit-learn defines it: the sum over distinct thresholds of (recall gained) x (precision there).
 * `matches`: ascending distances of the relevant items, at least one. `counts[k]`: other items in (matches[k - 1], matches[k]],
 * those at a distance that several matches share counted at the first of them.
 */
export function averagePrecision(matches: Float64Array, counts: Uint32Array): number {
  const total = matches.length;
  let sum = 0;
  let others = 0;
  let found = 0;
  while (found < total) {
    const threshold = matches[found];
    const before = found;
    for (; found < total && matches[found] === threshold; found++) others += counts[found] ?? 0;
    sum += (found - before) * (found / (found + others));
  }
  return sum / total;
}

/**
 * The same from counts at ascending distinct thresholds: `found[k]` relevant items at threshold k, of `total`, and `others[k]` other
 * items beyond threshold k - 1 up to k. Thresholds without a relevant item change nothing.
 */
export function averagePrecisionOfCounts(found: Uint32Array, others: Uint32Array, total: number): number {
  let sum = 0;
  let relevant = 0;
  let rest = 0;
  for (let k = 0; relevant < total; k++) {
    rest += others[k] as number;
    const gained = found[k] as number;
    if (gained === 0) continue;
    relevant += gained;
    sum += gained * (relevant / (relevant + rest));
  }
  return sum / total;
}

/** Measures over the R nearest items of a query that has R relevant ones, in [0, 1]. */
export interface PrecisionAtR {
  /** Share of relevant items among the R nearest. */
  readonly rPrecision: number;
  /** 1/R times the sum of the precisions at the ranks, up to R, that hold a relevant item. */
  readonly averagePrecisionAtR: number;
}

/** R-precision and MAP@R of arXiv 2003.08505 for one query; `before[k]`: other items ranked between match k - 1 and match k. */
export function precisionAtR(before: Uint32Array): PrecisionAtR {
  const total = before.length;
  let sum = 0;
  let found = 0;
  for (let rank = 0; found < total; found++) {
    rank += 1 + (before[found] as number);
    if (rank > total) break;
    sum += (found + 1) / rank;
  }
  return { rPrecision: found / total, averagePrecisionAtR: sum / total };
}
