import { ownPlace } from "../../core/progress";
import { runAnyTable } from "../../experiments/language/kinds/any-run";
import type { AnyTable } from "../../experiments/language/kinds/any-table";
import type { AnyResult } from "../../experiments/language/language-result";
import { saveResult } from "../../report/save-result";
import type { ExecutionChoices } from "./reproduce-all";

/**
 * Computes a table in this process, without its notebook and its figures, so without Python, and
 * keeps its numbers in a folder: the same bytes as a notebook's, but for when and where they were
 * computed. The table is one at the precision that it is to be computed in.
 */
export async function computeTable(
  table: AnyTable,
  { scale, seeds = null, force = false, extend = false, folder }: ExecutionChoices,
): Promise<AnyResult> {
  const choices = { scale, seeds, force, extend, compute: true, precision: "float32", progress: ownPlace() } as const;
  const result = await runAnyTable(table, choices);
  await saveResult(result, folder, { figures: false });
  return result;
}
