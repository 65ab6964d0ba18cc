import { type Artifact, sealed } from "../../core/artifacts/store";
import { joinedMaking } from "../results/joined-making";
import { type RunChoices, runChoices, scaleOf } from "../run-options";
import { committedIn } from "../stored-result";
import { type Obtain, withCache } from "../with-cache";
import type { LanguageResult, LanguageResultRow } from "./language-result";
import { asRecordedLanguage } from "./language-result-file";
import { answersOf } from "./language-steps";
import type { LanguageRow, LanguageTable } from "./language-table";
import {
  answersAreTexts,
  comparedRows,
  languageFingerprint,
  languageSource,
  languageWork,
  requestsForLanguage,
} from "./language-work";
import { answersIn } from "./sample-scores";
import { updateDetails, updateMeasures } from "./update-samples";

/**
 * Runs a table: for each seed and row, trains and asks what the cache lacks. Options that are left
 * out come from the command line. A notebook opened by hand gets the committed result if the table
 * is still declared as it was then. Throws RangeError on a scale or a number of seeds that the
 * table does not have.
 */
export async function runLanguageTable(
  table: LanguageTable,
  options: Partial<RunChoices> = {},
): Promise<LanguageResult> {
  const choices = { ...runChoices(), ...options };
  const { scale, dataset, seeds } = scaleOf(table, choices);
  const committed = committedIn(languageSource(table), choices);
  if (committed !== null) return committed;

  const work = languageWork(table, choices);
  const { kept, runs, queries } = work;
  const requests = requestsForLanguage(work);
  const { scores, counts, run } = await withCache(requests, choices, async (obtain, makingOf) => {
    const counts: Counts[] = [...(kept?.rows ?? [])];
    for (const { rows } of runs) for (const row of rows) counts.push(await countsOf(row, obtain));
    return { scores: await obtain(queries), counts, run: await makingOf(requests) };
  });
  const { id, title, notes, reported } = table;
  return asRecordedLanguage({
    kind: "language",
    table: id,
    title,
    scale,
    dataset,
    fingerprint: languageFingerprint(table, scale, seeds),
    seeds,
    measures: updateMeasures,
    rows: resultRows(runs[0]?.rows ?? [], { scores, seeds, counts }),
    notes,
    reported,
    queries: { key: queries.key, sha256: sealed(scores).digest },
    run: kept === null ? run : joinedMaking(kept.run, run),
  });
}

/** What is counted of a row's answers with one seed. */
interface Counts extends Pick<LanguageResultRow, "id" | "ties" | "cut"> {}

async function countsOf({ id, model }: LanguageRow, obtain: Obtain): Promise<Counts> {
  const { ties, cut } = answersIn(await obtain(answersOf(model)));
  return { id, ties, cut };
}

function resultRows(
  rows: readonly LanguageRow[],
  {
    counts,
    ...from
  }: { readonly scores: Artifact; readonly seeds: readonly number[]; readonly counts: readonly Counts[] },
): readonly LanguageResultRow[] {
  return rows.map((row) => {
    const { id, label, group } = row;
    const own = counts.filter((each) => each.id === id);
    const compared = comparedRows(row, rows);
    return {
      id,
      label,
      group,
      ...compared,
      details: updateDetails(from, { id, ...compared, isText: answersAreTexts(row) }),
      ties: own.reduce((sum, { ties }) => sum + ties, 0),
      cut: own.reduce((sum, { cut }) => sum + cut, 0),
    };
  });
}
