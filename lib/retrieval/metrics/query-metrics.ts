/** How well one query is answered; equal distances stand in gallery order. */
export interface QueryMetrics extends PrecisionAtR {
  /** Rank of the nearest relevant item, from 1. */
  readonly firstMatch: number;
  /** Average precision as scikit-learn defines it, in [0, 1]; equal distances are one threshold. */
  readonly averagePrecision: number;
}

/** Measures over the R nearest items of a query that has R relevant ones, in [0, 1]. */
interface PrecisionAtR {
  /** Share of relevant items among the R nearest. */
  readonly rPrecision: number;
  /** 1/R times the sum of the precisions at the ranks, up to R, that hold a relevant item. */
  readonly averagePrecisionAtR: number;
}

/**
 * Average precision as scikit-learn defines it: the sum over distinct thresholds of
 * (recall gained) x (precision there).
 * `matches`: ascending distances of the relevant items, at least one.
 * `counts[k]`: other items in (matches[k - 1], matches[k]]. If several matches share a distance,
 * the others at that distance are counted at the first of them.
 */
export function averagePrecision(matches: Float64Array, counts: Uint32Array): number {
  const total = matches.length;
  let sum = 0;
  let others = 0;
  let found = 0;
  while (found < total) {
    const threshold = matches[found];
    const before = found;
    for (; found < total && matches[found] === threshold; found++) others += counts[found] as number;
    sum += (found - before) * (found / (found + others));
  }
  return sum / total;
}

/**
 * Average precision from counts at ascending distinct thresholds: `found[k]` relevant items at
 * threshold k, `total` over all of them, and `others[k]` other items beyond threshold k - 1 up to
 * k. Thresholds without a relevant item change nothing.
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

/**
 * R-precision and MAP@R of arXiv 2003.08505 for one query with R relevant items.
 * `before[k]`: other items ranked between match k - 1 and match k; [R].
 */
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

/** The metrics of every query, one entry each: [queries]. */
export interface PerQuery {
  /** Rank of the nearest relevant item, from 1; 0 for a query without one, which is skipped. */
  readonly firstMatch: Int32Array;
  /** In [0, 1], as are the next two; NaN for a skipped query. */
  readonly averagePrecision: Float64Array;
  readonly rPrecision: Float64Array;
  readonly averagePrecisionAtR: Float64Array;
}

/** Entries of skipped queries until they are set; `allocate` makes buffers of that many bytes. */
export function unranked(queries: number, allocate: (bytes: number) => ArrayBufferLike): PerQuery {
  const missing = (): Float64Array => new Float64Array(allocate(8 * queries)).fill(Number.NaN);
  return {
    firstMatch: new Int32Array(allocate(4 * queries)),
    averagePrecision: missing(),
    rPrecision: missing(),
    averagePrecisionAtR: missing(),
  };
}

/** Enters the metrics of one query. */
export function setMetrics(perQuery: PerQuery, query: number, metrics: QueryMetrics): void {
  perQuery.firstMatch[query] = metrics.firstMatch;
  perQuery.averagePrecision[query] = metrics.averagePrecision;
  perQuery.rPrecision[query] = metrics.rPrecision;
  perQuery.averagePrecisionAtR[query] = metrics.averagePrecisionAtR;
}
