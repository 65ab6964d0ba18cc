import { type BootstrapMean, bootstrapMean } from "../../retrieval/bootstrap";
import type { RetrievalResult } from "../../retrieval/evaluate";
import type { Similarity } from "../../retrieval/exhaustive";
import type { Ranking } from "../../retrieval/rank";
import type { EmbeddingSide, FileEvaluation } from "./evaluation";

/** The output of `fct evaluate --json`: metrics in percent, intervals over the queries. */
interface EvaluationReport {
  /** top1, top5, mAP, rPrecision, mAPAtR; with ranked lists MRR, and recall@k and the like. */
  readonly metrics: Readonly<Record<string, BootstrapMean>>;
  /**
   * The number of queries in the averages, and of those skipped because no item has their class.
   */
  readonly queries: number;
  readonly skipped: number;
  readonly query: EmbeddingSide;
  readonly gallery: EmbeddingSide;
  readonly distance: Similarity;
  readonly excludeSelf: boolean;
  readonly interval: { readonly level: number; readonly resamples: number; readonly seed: number };
  /** Means in percent of the queries of each class, if they were asked for. */
  readonly classes?: readonly ClassReport[];
}

/** A query of several classes counts in each. */
interface ClassReport {
  readonly label: string;
  readonly queries: number;
  readonly top1: number;
  readonly mAP: number;
}

const titles: Readonly<Record<string, string>> = {
  ...{ top1: "top-1", top5: "top-5", mAP: "mAP", rPrecision: "R-precision", mAPAtR: "MAP@R" },
};
const interval = { level: 0.95, resamples: 1000, seed: 0 } as const;

interface ReportChoices {
  readonly distance: Similarity;
  readonly excludeSelf?: boolean;
  readonly perClass?: boolean;
}

/** The report of an evaluation. */
export function evaluationReport(found: FileEvaluation, choices: ReportChoices): EvaluationReport {
  const { result, ranking, query, gallery } = found;
  const { distance, excludeSelf = false, perClass = false } = choices;
  const { queries, skipped, perQuery } = result;
  const { averagePrecision, rPrecision, averagePrecisionAtR } = perQuery;
  const metrics = {
    top1: percent(hits(perQuery, 1)),
    top5: percent(hits(perQuery, 5)),
    mAP: percent(averagePrecision),
    rPrecision: percent(rPrecision),
    mAPAtR: percent(averagePrecisionAtR),
    ...(ranking === null ? {} : rankedMetrics(ranking)),
  };
  const report = { metrics, queries, skipped, query, gallery, distance, excludeSelf, interval };
  return perClass ? { ...report, classes: classReports(found) } : report;
}

function rankedMetrics({ atK, reciprocalRank }: Ranking): Readonly<Record<string, BootstrapMean>> {
  const measures = [...atK].flatMap(([k, found]) =>
    (["recall", "precision", "ndcg"] as const).map((name) => {
      const title = name === "ndcg" ? "nDCG" : name;
      return [`${title}@${k}`, percent(Float64Array.from(found, (one) => one?.[name] ?? Number.NaN))] as const;
    }),
  );
  return { MRR: percent(reciprocalRank), ...Object.fromEntries(measures) };
}

function classReports({ result, queryLabels, nameOf }: FileEvaluation): readonly ClassReport[] {
  const { firstMatch, averagePrecision } = result.perQuery;
  const members = new Map<number, number[]>();
  firstMatch.forEach((rank, query) => {
    if (rank === 0) return;
    const own = queryLabels[query] as number | readonly number[];
    for (const label of typeof own === "number" ? [own] : own) {
      const queries = members.get(label);
      if (queries === undefined) members.set(label, [query]);
      else queries.push(query);
    }
  });
  const ascending = [...members].sort(([a], [b]) => a - b);
  return ascending.map(([label, queries]) => {
    const mean = (share: (query: number) => number): number =>
      (100 * queries.reduce((sum, query) => sum + share(query), 0)) / queries.length;
    return {
      label: nameOf(label),
      queries: queries.length,
      top1: mean((query) => Number(firstMatch[query] === 1)),
      mAP: mean((query) => averagePrecision[query] as number),
    };
  });
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
  const { metrics, queries, skipped, query, gallery, distance, excludeSelf, classes } = report;
  const width = Math.max(12, ...Object.keys(metrics).map((id) => (titles[id] ?? id).length + 1));
  const cells = (values: readonly string[]): string =>
    values.map((value, i) => (i === 0 ? value.padEnd(width) : value.padStart(8))).join("");
  const rows = Object.entries(metrics).map(([id, { mean, low, high }]) =>
    cells([titles[id] ?? id, ...[mean, low, high].map((value) => value.toFixed(2))]),
  );
  const side = ({ file, rows: count, columns }: EmbeddingSide): string => `${file} (${count} x ${columns})`;
  return [
    cells(["percent", "mean", "from", "to"]),
    ...rows,
    ...(classes === undefined ? [] : classLines(classes)),
    "",
    `from, to: 95 % bootstrap interval over the queries (${interval.resamples} resamples, seed ${interval.seed})`,
    `queries   ${queries}${skipped > 0 ? `, and ${skipped} skipped without an item of their class` : ""}`,
    `query     ${side(query)}`,
    `gallery   ${side(gallery)}${excludeSelf ? ", row i left out for query i" : ""}`,
    `distance  ${distance}`,
  ].join("\n");
}

function classLines(classes: readonly ClassReport[]): readonly string[] {
  // There may be more classes than a call takes arguments.
  const longest = classes.reduce((length, { label }) => Math.max(length, label.length), 6);
  const width = Math.min(40, longest);
  const line = (label: string, values: readonly string[]): string =>
    `${label.padEnd(width)}${values.map((value) => value.padStart(9)).join("")}`;
  return [
    "",
    line("class", ["queries", "top-1", "mAP"]),
    ...classes.map(({ label, queries, top1, mAP }) => line(label, [`${queries}`, top1.toFixed(2), mAP.toFixed(2)])),
  ];
}
