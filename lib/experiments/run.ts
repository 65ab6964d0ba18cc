import { type Artifact, sealed } from "../core/artifacts/store";
import { asChosen } from "./as-chosen";
import { exactValues, type RowValues, resultRows, rowValues } from "./result-rows";
import { withIntervals } from "./results/intervals";
import { joinedMaking } from "./results/joined-making";
import type { History, TableResult } from "./results/result";
import { asRecorded } from "./results/result-file";
import { type RunChoices, runChoices, scaleOf } from "./run-options";
import { evaluationOf } from "./steps/evaluation";
import { measurementsOf } from "./steps/measurement";
import { committedIn } from "./stored-result";
import type { Row, Table } from "./table";
import { fingerprintOf, gapsOf, requestsFor, resultSource, tableWork, trainedFor } from "./table-work";
import { type Obtain, withCache } from "./with-cache";

/**
 * Runs a table: for each seed and row, trains, maps and evaluates what the cache lacks. Options
 * that are left out come from the command line. A notebook opened by hand gets the committed
 * result if the table is still declared as it was then. Throws RangeError on a scale or a number
 * of seeds that the table does not have, and on a row whose models do not fit each other.
 */
export async function runTable(declared: Table, options: Partial<RunChoices> = {}): Promise<TableResult> {
  const choices = { ...runChoices(), ...options };
  const table = await asChosen(declared, choices);
  const { scale, dataset, seeds } = scaleOf(table, choices);
  const committed = committedIn(resultSource(table), choices);
  if (committed !== null) return committed;

  const work = tableWork(table, choices);
  const { kept, queries } = work;
  const requests = requestsFor(work);
  const values: RowValues[] = [];
  const histories: History[] = [...(kept?.histories ?? [])];
  const [making, found] = await withCache(requests, choices, async (obtain, makingOf) => {
    for (const { seed, rows } of work.runs) {
      for (const row of rows) values.push(await valuesOf(row, obtain));
      for (const { name, training } of trainedFor(rows)) {
        const { facts } = await obtain(training);
        histories.push({ label: name, seed, loss: facts.losses as readonly number[] });
      }
    }
    const found = await obtain(queries);
    return [await makingOf(requests), found] as const;
  });
  const all = kept === null ? values : [...exactValues(work.values, kept, found), ...values];
  const declaredRows = work.runs[0]?.rows ?? [];
  const gapOf = gapsOf(table, declaredRows);
  return asRecorded({
    table: table.id,
    title: table.title,
    scale,
    dataset,
    fingerprint: fingerprintOf(table, scale, seeds),
    seeds,
    ...(table.measures === undefined ? {} : { measures: table.measures }),
    rows: withIntervals(resultRows(table, declaredRows, all), { seeds, queries: found, gapOf }),
    ...(table.notes === undefined ? {} : { notes: table.notes }),
    histories,
    queries: { key: queries.key, sha256: sealed(found).digest },
    run: kept === null ? making : joinedMaking(kept.run, making),
  });
}

async function valuesOf(row: Row, obtain: Obtain): Promise<RowValues> {
  const evaluation = await obtain(evaluationOf(row));
  const measurements: Artifact[] = [];
  for (const measurement of measurementsOf(row)) measurements.push(await obtain(measurement));
  return rowValues(row, evaluation, measurements);
}
