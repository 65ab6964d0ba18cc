import { resolve } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { InputError } from "../../core/input-error";
import { requireOutput } from "../../files/matrix-output";
import type { Ranking } from "../../retrieval/rank";
import { csvParts } from "../options/csv-lists";
import type { EvaluateChoices, FileEvaluation } from "./evaluation";

/** Throws InputError, before anything is searched, if the files to write cannot be written. */
export function requireLists({ out, perQuery, force = false, ...choices }: Partial<EvaluateChoices>): void {
  const { query, gallery, labels, queryLabels, queryGroups, galleryGroups } = choices;
  const inputs = [query, gallery, labels, queryLabels, queryGroups, galleryGroups];
  for (const path of [out, perQuery]) {
    if (path !== undefined) requireOutput(path, { inputs, replace: force, endings: [".csv"] });
  }
  if (out !== undefined && perQuery !== undefined && resolve(out) === resolve(perQuery)) {
    throw new InputError({ file: out, fault: "is named by both --out and --per-query", remedy: "name two files" });
  }
}

/** Writes the files that the choices name, as CSV. */
export function writeLists(
  { ranking, ...found }: FileEvaluation,
  { out, perQuery }: Pick<EvaluateChoices, "out" | "perQuery">,
): void {
  if (ranking === null) return;
  if (out !== undefined) writeAtomically(out, ...listsOf(ranking));
  if (perQuery !== undefined) writeAtomically(perQuery, queriesText(ranking, found));
}

/** The nearest items of every query, as numbers of rows from 0. */
function listsOf({ lists }: Ranking): readonly Uint8Array[] {
  return csvParts("query,rank,item,distance,relevant", lists.length, (query) => {
    const { items = [], distances, hits } = lists[query] ?? {};
    return Array.from(items, (item, place) => `${query},${place + 1},${item},${distances?.[place]},${hits?.[place]}`);
  });
}

/** The measures of every query; those of a query without a relevant item are empty. */
function queriesText(
  { result: { perQuery }, atK, reciprocalRank }: Ranking,
  { queryLabels, nameOf }: Pick<FileEvaluation, "queryLabels" | "nameOf">,
): string {
  const ks = [...atK.keys()];
  const names = ks.flatMap((k) => ["recall", "precision", "ndcg"].map((name) => `${name}@${k}`));
  const head = [
    "query",
    "label",
    "first_match",
    "reciprocal_rank",
    "average_precision",
    "r_precision",
    "map@r",
    ...names,
  ];
  const lines = Array.from(perQuery.firstMatch, (rank, query) => {
    const own = queryLabels[query] as number | readonly number[];
    const label = field((typeof own === "number" ? [own] : own).map(nameOf).join(";"));
    if (rank === 0) return [query, label, ...head.slice(2).map(() => "")];
    const { averagePrecision, rPrecision, averagePrecisionAtR } = perQuery;
    const whole = [rank, reciprocalRank[query], averagePrecision[query], rPrecision[query], averagePrecisionAtR[query]];
    const measures = ks.flatMap((k) => {
      const at = atK.get(k)?.[query];
      return [at?.recall, at?.precision, at?.ndcg];
    });
    return [query, label, ...whole, ...measures];
  });
  return `${[head, ...lines].map((cells) => cells.join(",")).join("\n")}\n`;
}

function field(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
