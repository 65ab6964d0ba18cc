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
