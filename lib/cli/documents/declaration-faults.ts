import { basename, dirname } from "node:path";
import { canonicalJson } from "../../core/hash";
import { type AnyTable, anyFingerprint, isLanguageTable } from "../../experiments/language/kinds/any-table";
import { type AnyResult, isOfLanguage } from "../../experiments/language/language-result";
import type { Measure, ResultRow } from "../../experiments/results/result";
import { gapsOf } from "../../experiments/table-work";

/**
 * What of the result in a file is not as its table is declared, at the scale that the file's folder
 * is called by, and which shares of the gap are not those of its means.
 */
export function declarationFaults(path: string, result: AnyResult, table: AnyTable): readonly string[] {
  const scale = basename(dirname(path));
  const rows: readonly StatedRow[] = table.rows(scale, result.seeds[0] ?? 0);
  const declared = statements({ ...table, table: table.id, scale, dataset: table.scales[scale]?.dataset ?? "", rows });
  const found = statements(result);
  const other = Object.keys({ ...declared, ...found }).find((name) => found[name] !== declared[name]);
  if (other !== undefined) return [`${path}: ${other}: it is not as the table declares it; run the table again`];
  if (result.fingerprint !== anyFingerprint(table, scale, result.seeds)) {
    return [`${path}: its table is declared otherwise by now; run the table again`];
  }
  return shareFaults(path, result, table);
}

type StatedRow = Pick<ResultRow, "id" | "label" | "group" | "cell"> & Partial<Pick<ResultRow, "reported">>;

interface Stated extends Pick<AnyResult, "table" | "title" | "scale" | "dataset"> {
  readonly rows: readonly StatedRow[];
  readonly notes?: readonly string[];
  readonly measures?: readonly Measure[];
  readonly reported?: readonly unknown[];
}

/** What a declaration states and a result repeats, as text by name. */
function statements({ table, title, scale, dataset, notes, reported, measures, rows }: Stated): Record<string, string> {
  const parts = Object.entries({
    ...{ table, title, scale, dataset, notes, reported },
    // All tables of language models have the same, and declare none.
    measures: reported === undefined ? measures : undefined,
    rows: rows.map(({ id }) => id),
  });
  const ofRows = rows.map(({ id, label, group, cell, reported: printed }) => {
    return [`row ${id}`, { label, group, cell, printed }] as const;
  });
  return Object.fromEntries([...parts, ...ofRows].map(([name, part]) => [name, canonicalJson(part ?? null)]));
}

// Means are printed to four decimals.
const rounding = 1e-4;

function shareFaults(path: string, result: AnyResult, table: AnyTable): readonly string[] {
  if (isOfLanguage(result) || isLanguageTable(table)) return [];
  const { rows, scale, seeds } = result;
  const gapOf = gapsOf(table, table.rows(scale, seeds[0] ?? 0));
  return rows.flatMap(({ id, metrics, gapClosed }) =>
    (["top1", "top5", "mAP"] as const).flatMap((metric) => {
      const closed = gapClosed[metric];
      const end = (which: "from" | "to"): number => {
        return rows.find((row) => row.id === gapOf(id)?.[which])?.metrics[metric].mean ?? Number.NaN;
      };
      const [gain, gap] = [metrics[metric].mean - end("from"), end("to") - end("from")];
      const share = (closed ?? 0) / 100;
      if (closed === null || Math.abs(gain - share * gap) <= rounding * (1 + Math.abs(share))) return [];
      const found = ((100 * gain) / gap).toFixed(2);
      return [`${path}: row ${id}: it closes ${closed} % of the gap in ${metric}, by its means ${found} %`];
    }),
  );
}
