import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder, unlessMissing } from "../core/paths";
import type { TableResult } from "../experiments/results/result";
import { resultJson } from "../experiments/results/result-file";
import { runTable } from "../experiments/run";
import { runChoices } from "../experiments/run-options";
import { redrawResult, saveResult } from "../report/save-result";
import { shownShare } from "../report/text/rows";
import { type OwnRow, type OwnTableOptions, ownScale, ownTable } from "./own-table";

/** How an own experiment runs. */
export interface OwnOptions extends OwnTableOptions {
  /** Repetitions, 1 by default: each adds 1 to the seed of every recipe. */
  readonly seeds?: number;
  /** Compute again what the cache holds. */
  readonly force?: boolean;
}

/**
 * Runs an experiment of your own: trains, maps and evaluates what the cache lacks. The gap of which
 * rows close a share is that from the first row to the last, unless `gap` names two others. The
 * result is kept in results/own/, under the title, with its table and figures. Throws RangeError,
 * naming the row, before anything is trained, if models do not fit each other.
 */
export async function runRows(
  title: string,
  rows: readonly OwnRow[],
  { seeds, force, ...options }: OwnOptions = {},
): Promise<TableResult> {
  const table = ownTable(title, rows, options);
  const chosen = { seeds: seeds ?? runChoices().seeds ?? 1, ...(force === undefined ? {} : { force }) };
  const { notes: _, ...found } = await runTable(table, { scale: ownScale, ...chosen });
  const result: TableResult = { ...found, ...gapNote(found, table.gap) };
  await keep(result, ownFolder());
  return result;
}

/** Why no row shows a share of the gap, if that is so. */
function gapNote(
  { rows }: Pick<TableResult, "rows">,
  gap: { readonly from: string; readonly to: string } | null,
): Pick<TableResult, "notes"> {
  if (gap === null || rows.some((row) => shownShare(row, "top1") !== null)) return {};
  if (rows.some(({ gapClosed }) => gapClosed.top1 !== null)) {
    const better = `"${gap.to}" may be better than "${gap.from}" by chance alone (95 % interval)`;
    return { notes: [`No share of the gap is shown: in top-1, ${better}.`] };
  }
  return { notes: [`There is no gap to close: in top-1, "${gap.to}" is not better than "${gap.from}".`] };
}

/** Saves a result, or writes the Markdown and figures anew where its numbers stand without them. */
async function keep(result: TableResult, folder: string): Promise<void> {
  const path = join(folder, result.table);
  const numbers = unlessMissing(() => readFileSync(`${path}.json`, "utf8"));
  if (numbers !== resultJson(result)) await saveResult(result, folder);
  else if (!existsSync(`${path}.md`)) await redrawResult(result, folder);
}
