import { scoringOf } from "../../language/tasks/task";
import { bootstrapMean } from "../../retrieval/bootstrap";
import { type RunChoices, runChoices, scaleOf } from "../run-options";
import { type Obtain, withCache } from "../with-cache";
import { adapted } from "./language-model";
import type { LanguageResult, LanguageResultRow } from "./language-result";
import { answersOf } from "./language-steps";
import type { LanguageRow, LanguageTable } from "./language-table";
import { answersIn, flipDifferences, updateMetrics } from "./update-metrics";

/**
 * Runs a table: for each seed and row, trains and asks what the cache lacks. Options that are left
 * out come from the command line. Throws RangeError on a scale or a number of seeds that the table
 * does not have.
 */
export async function runLanguageTable(
  table: LanguageTable,
  options: Partial<Pick<RunChoices, "scale" | "seeds" | "force" | "progress">> = {},
): Promise<LanguageResult> {
  const choices = { ...runChoices(), ...options };
  const { scale, dataset, seeds } = scaleOf(table, choices);
  const bySeed = seeds.map((seed) => table.rows(scale, seed));
  const requests = bySeed.flat().flatMap(({ model, before, next }) => [before, next, model].map(answersOf));
  const { rows, run } = await withCache(requests, choices, async (obtain, makingOf) => {
    const found: LanguageResultRow[] = [];
    for (const index of (bySeed[0] ?? []).keys()) {
      found.push(
        await resultRow(
          bySeed.map((own) => own[index] as LanguageRow),
          obtain,
        ),
      );
    }
    return { rows: found, run: await makingOf(requests) };
  });
  const { id, title, notes, reported } = table;
  return { table: id, title, scale, dataset, seeds, rows, notes, reported, run };
}

/** The result of one row, of which there is one for each seed. */
async function resultRow(rows: readonly LanguageRow[], obtain: Obtain): Promise<LanguageResultRow> {
  const [first] = rows as readonly [LanguageRow, ...LanguageRow[]];
  const isText = scoringOf(adapted(first.model).task.kind).kind === "rouge-1";
  const perSeed: LanguageResultRow["perSeed"][number][] = [];
  const differences: number[] = [];
  for (const { model, before, next } of rows) {
    const old = answersIn(await obtain(answersOf(before)));
    const plain = answersIn(await obtain(answersOf(next)));
    const own = answersIn(await obtain(answersOf(model)));
    perSeed.push(updateMetrics(old, own, isText));
    differences.push(...flipDifferences(old, plain, own));
  }
  const percent = Float64Array.from(differences, (difference) => 100 * difference);
  const { id, label, group } = first;
  return { id, label, group, perSeed, change: bootstrapMean(percent, { seed: 0 }) };
}
