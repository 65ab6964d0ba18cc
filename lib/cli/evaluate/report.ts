import { type BootstrapMean, bootstrapMean } from "../../retrieval/bootstrap";
import type { RetrievalResult } from "../../retrieval/evaluate";
import type { Distance } from "../../retrieval/input";
import type { EmbeddingSide, FileEvaluation } from "./evaluate-files";

/** The output of `fct evaluate --json`: metrics in percent, intervals over the queries. */
interface EvaluationReport {
  readonly metrics: Readonly<Record<MetricId, BootstrapMean>>;
  /**
   * The number of queries in the averages, and of those skipped because no item has their class.
   */
  readonly queries: number;
  readonly skipped: number;
  readonly query: EmbeddingSide;
  readonly gallery: EmbeddingSide;
  readonly distance: Distance;
  readonly excludeSelf: boolean;
  readonly interval: { readonly level: number; readonly resamples: number; readonly seed: number };
}

type MetricId = keyof typeof titles;

const titles = { top1: "top-1", top5: "top-5", mAP: "mAP", rPrecision: "R-precision", mAPAtR: "MAP@R" } as const;
const interval = { level: 0.95, resamples: 1000, seed: 0 } as const;

/** The report of an evaluation. */
export function evaluationReport(
  { result, query, gallery }: FileEvaluation,
  { distance, excludeSelf = false }: { readonly distance: Distance; readonly excludeSelf?: boolean },
): EvaluationReport {
  const { queries, skipped, perQuery } = result;
  const { averagePrecision, rPrecision, averagePrecisionAtR } = perQuery;
  const metrics = {
    top1: percent(hits(perQuery, 1)),
    top5: percent(hits(perQuery, 5)),
    mAP: percent(averagePrecision),
    rPrecision: percent(rPrecision),
    mAPAtR: percent(averagePrecisionAtR),
  };
  return { metrics, queries, skipped, query, gallery, distance, excludeSelf, interval };
}

/** For each query 1 if one of its k nearest is right, else 0; NaN if the query was skipped. */
function hits({ firstMatch }: RetrievalResult["perQuery"], k: number): Float64Array {
  return Float64Array.from(firstMatch, (rank) => (rank === 0 ? Number.NaN : Number(rank <= k)));
}

function percent(shares: Float64Array): BootstrapMean {
  const { mean, low, high } = bootstrapMean(shares, interval);
  return { mean: 100 * mean, low: 100 * low, high: 100 * high };
}

/** The report as a table, followed by what it was computed from. */
export function reportText(report: EvaluationReport): string {
  const { metrics, queries, skipped, query, gallery, distance, excludeSelf } = report;
  const cells = (values: readonly string[]): string =>
    values.map((value, i) => (i === 0 ? value.padEnd(12) : value.padStart(8))).join("");
  const ids = Object.keys(titles) as MetricId[];
  const rows = ids.map((id) => {
    const { mean, low, high } = metrics[id];
    return cells([titles[id], ...[mean, low, high].map((value) => value.toFixed(2))]);
  });
  const side = ({ file, rows, columns }: EmbeddingSide): string => `${file} (${rows} x ${columns})`;
  return [
    cells(["percent", "mean", "from", "to"]),
    ...rows,
    "",
    `from, to: 95 % bootstrap interval over the queries (${interval.resamples} resamples, seed ${interval.seed})`,
    `queries   ${queries}${skipped > 0 ? `, and ${skipped} skipped without an item of their class` : ""}`,
    `query     ${side(query)}`,
    `gallery   ${side(gallery)}${excludeSelf ? ", row i left out for query i" : ""}`,
    `distance  ${distance}`,
  ].join("\n");
}
