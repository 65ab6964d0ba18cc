import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../core/environment";
import { cacheFolder, type RunChoices, resultsFolder, runChoices } from "../core/paths";
import { type ProgressLine, progressLine } from "../core/progress";
import {
  artifactPath,
  type CacheOptions,
  graphOf,
  makingRecord,
  obtain,
  pendingOf,
  type Request,
  unfinishedPath,
} from "../core/step";
import type { Artifact } from "../core/store";
import { device } from "../tf/device";
import { resultRows } from "./result-rows";
import type { History, TableResult } from "./results/result";
import { asRecorded, parseResult } from "./results/result-file";
import { runProgress, scaleOf, untilInterrupted } from "./run-options";
import type { Table } from "./table";
import {
  fingerprintOf,
  lossHistories,
  type RowValues,
  requestsOf,
  rowValues,
  type SeedRun,
  seedRunsOf,
} from "./table-work";

/**
 * Runs a table: trains, maps and evaluates what the cache lacks, row by row. What `options` leave out comes from the command
 * line's choices. SIGINT stops it within a batch and a later run continues. A notebook opened by hand gets the committed result
 * while the declaration is the same. Throws RangeError on a scale or seed count that the table does not have.
 */
export async function runTable(table: Table, options: Partial<RunChoices> = {}): Promise<TableResult> {
  const choices = { ...runChoices(), ...options };
  const { scale, dataset, seeds } = scaleOf(table, choices);
  const committed = choices.compute || choices.force ? null : committedResult(table, scale);
  if (committed !== null && (choices.seeds ?? committed.seeds.length) === committed.seeds.length) return committed;

  const turns = seedRunsOf(table, scale, seeds);
  const requests = requestsOf(turns);
  if (choices.force) forget(requests);
  const line = progressLine(choices.progress);
  const { values, histories } = await untilInterrupted((signal) => compute(turns, line, signal));
  const rows = turns[0]?.rows.map(({ row }) => row) ?? [];
  return asRecorded({
    table: table.id,
    title: table.title,
    scale,
    dataset,
    fingerprint: fingerprintOf(table, scale, seeds),
    seeds,
    ...(table.measures === undefined ? {} : { measures: table.measures }),
    rows: resultRows(table, rows, values),
    ...(table.notes === undefined ? {} : { notes: table.notes }),
    histories,
    run: runOf(requests),
  });
}

/** The result in results/ while the table is declared as it was then; otherwise null. */
function committedResult(table: Table, scale: string): TableResult | null {
  const path = join(resultsFolder(), scale, `${table.id}.json`);
  if (!existsSync(path)) return null;
  const result = parseResult(readFileSync(path, "utf8"), path);
  return result.fingerprint === fingerprintOf(table, scale, result.seeds) ? result : null;
}

/** Removes what the cache holds of the requests and of all behind them, finished or not. */
function forget(requests: readonly Request[]): void {
  for (const request of graphOf(requests)) {
    for (const path of [artifactPath(cacheFolder(), request), unfinishedPath(cacheFolder(), request)]) {
      rmSync(path, { force: true });
    }
  }
}

/** What every row gave, seed by seed, and the losses of every model behind them. */
async function compute(
  turns: readonly SeedRun[],
  line: ProgressLine,
  signal: AbortSignal,
): Promise<{ readonly values: readonly (readonly RowValues[])[]; readonly histories: readonly History[] }> {
  const perTurn: RowValues[][] = [];
  const done = (): number => perTurn.reduce((sum, values) => sum + values.length, 0);
  const total = turns.reduce((sum, { rows }) => sum + rows.length, 0);
  const pending = pendingOf(requestsOf(turns), cacheFolder());
  const environment = environmentOf(device());
  const progress = runProgress(line, pending, { total, done });
  const options: CacheOptions = { folder: cacheFolder(), environment, signal, ...progress };
  for (const { rows } of turns) {
    const values: RowValues[] = [];
    perTurn.push(values);
    for (const { evaluation, measurements } of rows) {
      const artifact = await obtain(evaluation, options);
      const further: Artifact[] = [];
      for (const measurement of measurements) further.push(await obtain(measurement, options));
      values.push(rowValues(artifact, further));
    }
  }
  const rows = turns[0]?.rows ?? [];
  return {
    values: rows.map((_, index) => perTurn.flatMap((values) => values[index] ?? [])),
    histories: await lossHistories(turns, options),
  };
}

/** When and where the newest piece of the work was made, and the seconds that all of it took. */
function runOf(requests: readonly Request[]): TableResult["run"] {
  const records = graphOf(requests).flatMap((request) => makingRecord(cacheFolder(), request) ?? []);
  const newest = records.reduce((latest, record) => (record.date > latest.date ? record : latest));
  const trainingSeconds = records.reduce((sum, { seconds }) => sum + seconds, 0);
  return { date: newest.date, trainingSeconds, environment: newest.environment };
}
