import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Artifact } from "../../core/artifacts/store";
import { anyResultJson, parseAnyResult } from "../../experiments/language/kinds/any-result-file";
import { type AnyTable, isLanguageTable } from "../../experiments/language/kinds/any-table";
import { type AnyResult, isOfLanguage, type LanguageResult } from "../../experiments/language/language-result";
import { updateDetails } from "../../experiments/language/update-samples";
import { withIntervals } from "../../experiments/results/intervals";
import { queryValues, readQueries } from "../../experiments/results/query-results";
import type { TableResult } from "../../experiments/results/result";
import { resultJson } from "../../experiments/results/result-file";
import type { Table } from "../../experiments/table";
import { gapsOf } from "../../experiments/table-work";
import { resultMarkdown } from "../../report/markdown";
import { tables } from "../../tables/tables";
import { declarationFaults } from "./declaration-faults";

/**
 * What is wrong with the results below a folder, and how many there are: each must be of its
 * table's declaration and written as the code writes it; its Markdown must be of it; the shares of
 * the gap must be those of its means; the row's metrics must be the means of its queries' results,
 * and its intervals must follow from these.
 */
export function resultFaults(folder: string): { readonly results: number; readonly faults: readonly string[] } {
  const scales = [...new Set(tables.flatMap((table) => Object.keys(table.scales)))];
  const files = scales.flatMap((scale) => filesIn(join(folder, scale)));
  return { results: files.length, faults: files.flatMap(faultsOfResult) };
}

function filesIn(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

/** What is wrong with the result in a file. */
export function faultsOfResult(path: string): readonly string[] {
  const table = tables.find(({ id }) => id === basename(path, ".json"));
  if (table === undefined) return [`${path}: there is no such table`];
  try {
    const text = readFileSync(path, "utf8");
    const result = parseAnyResult(text, path);
    const markdown = path.replace(/json$/, "md");
    const queries = readQueries(result, dirname(path));
    return [
      ...(anyResultJson(result) === text ? [] : [`${path}: it is not as the code writes it`]),
      ...declarationFaults(path, result, table),
      ...(readFileSync(markdown, "utf8") === resultMarkdown(result) ? [] : [`${markdown}: it is not of the JSON`]),
      ...(queries === null
        ? [`${path}: it has no results of its queries, from which its numbers follow`]
        : numberFaults(path, result, { table, queries })),
    ];
  } catch (error) {
    return [(error as Error).message];
  }
}

interface Origin {
  readonly table: AnyTable;
  readonly queries: Artifact;
}

/** Numbers of a result that do not follow from the results of its queries, or its samples. */
function numberFaults(path: string, result: AnyResult, { table, queries }: Origin): readonly string[] {
  if (isOfLanguage(result)) return detailFaults(path, result, queries);
  if (isLanguageTable(table)) return [`${path}: it is no result of language models`];
  return [...meanFaults(path, result, queries), ...intervalFaults(path, result, { table, queries })];
}

function detailFaults(path: string, result: LanguageResult, scores: Artifact): readonly string[] {
  const rows = result.rows.map((row) => {
    const isText = row.details.inconsistent === undefined;
    return { ...row, details: updateDetails({ scores, seeds: result.seeds }, { ...row, isText }) };
  });
  const anew = anyResultJson({ ...result, rows });
  return anew === anyResultJson(result) ? [] : [`${path}: its numbers are not those of its samples`];
}

// Average precisions are kept in 32 bits, and means printed to four decimals.
const rounding = 1e-4;

function meanFaults(path: string, { rows, seeds }: TableResult, queries: Artifact): readonly string[] {
  return rows.flatMap(({ id, perSeed }) =>
    seeds.flatMap((seed, index) =>
      (["top1", "top5", "mAP"] as const).flatMap((metric) => {
        const known = queryValues(queries, { row: id, seed, metric }).values.filter((value) => !Number.isNaN(value));
        const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
        const printed = perSeed[index]?.[metric] ?? Number.NaN;
        if (Math.abs(mean - printed) <= rounding) return [];
        return [
          `${path}: row ${id}, seed ${seed}: ${metric} is ${printed}, the mean of its queries ${mean.toFixed(4)}`,
        ];
      }),
    ),
  );
}

function intervalFaults(
  path: string,
  result: TableResult,
  { table, queries }: { readonly table: Table; readonly queries: Artifact },
): readonly string[] {
  const { rows, seeds, scale } = result;
  const bare = rows.map(({ gapInterval: _, ...row }) => row);
  const gapOf = gapsOf(table, table.rows(scale, seeds[0] ?? 0));
  const anew = resultJson({ ...result, rows: withIntervals(bare, { seeds, queries, gapOf }) });
  return anew === resultJson(result) ? [] : [`${path}: its intervals are not those of its queries`];
}
