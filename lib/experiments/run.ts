import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../core/environment";
import { hashOf } from "../core/hash";
import { cacheFolder, type RunChoices, resultsFolder, runChoices } from "../core/paths";
import { type ProgressLine, progressLine } from "../core/progress";
import {
  artifactPath,
  type CacheOptions,
  cached,
  graphOf,
  makingRecord,
  pendingOf,
  type Request,
  unfinishedPath,
} from "../core/step";
import { device } from "../tf/device";
import { describe } from "./describe";
import { gapClosed, type Metrics, summaries } from "./gap";
import { untilInterrupted } from "./interrupt";
import { modelsIn } from "./model";
import type { History, ResultRow, TableResult } from "./result";
import { asRecorded, parseResult } from "./result-file";
import { runProgress } from "./run-progress";
import { scaleOf } from "./scale";
import type { Row, Table } from "./table";
import { evaluated, trained } from "./work";

/** The rows of a table for one seed. */
interface Turn {
  readonly seed: number;
  readonly rows: readonly Row[];
}

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

  const turns = turnsOf(table, scale, seeds);
  const requests = turns.flatMap(({ rows }) => rows.map(evaluated));
  if (choices.force) forget(requests);
  const line = progressLine(choices.progress);
  const { metrics, histories } = await untilInterrupted((signal) => compute(turns, requests, line, signal));
  const run = runOf(requests);
  return asRecorded({
    table: table.id,
    title: table.title,
    scale,
    dataset,
    fingerprint: fingerprintOf(table, scale, seeds),
    seeds,
    rows: resultRows(table, turns, metrics),
    histories,
    run,
  });
}

/** Hash of all that a result depends on: the scale's data, rows with their models, recipes, versions of the steps, seeds. */
export function fingerprintOf(table: Table, scale: string, seeds: readonly number[]): string {
  const declared = turnsOf(table, scale, seeds).map(({ seed, rows }) => [
    seed,
    rows.map((row) => [row.id, row.label, row.reported, evaluated(row).key]),
  ]);
  return hashOf([table.id, table.title, scale, table.scales[scale]?.dataset ?? null, declared]).slice(0, 32);
}

/** The result in results/ while the table is declared as it was then; otherwise null. */
function committedResult(table: Table, scale: string): TableResult | null {
  const path = join(resultsFolder(), scale, `${table.id}.json`);
  if (!existsSync(path)) return null;
  const result = parseResult(readFileSync(path, "utf8"), path);
  return result.fingerprint === fingerprintOf(table, scale, result.seeds) ? result : null;
}

function turnsOf(table: Table, scale: string, seeds: readonly number[]): readonly Turn[] {
  return seeds.map((seed) => ({ seed, rows: table.rows(scale, seed) }));
}

/** Removes what the cache holds of the requests and of all behind them, finished or not. */
function forget(requests: readonly Request[]): void {
  for (const request of graphOf(requests)) {
    for (const path of [artifactPath(cacheFolder(), request), unfinishedPath(cacheFolder(), request)]) {
      rmSync(path, { force: true });
    }
  }
}

/** The metrics of every row, seed after seed, and the losses of every model behind them. */
async function compute(
  turns: readonly Turn[],
  requests: readonly Request[],
  line: ProgressLine,
  signal: AbortSignal,
): Promise<{ readonly metrics: readonly Metrics[]; readonly histories: readonly History[] }> {
  const metrics: Metrics[] = [];
  const rows = { total: requests.length, done: () => metrics.length };
  const options: CacheOptions = {
    folder: cacheFolder(),
    environment: environmentOf(device()),
    signal,
    ...runProgress(line, pendingOf(requests, cacheFolder()), rows),
  };
  for (const request of requests) {
    const { top1, top5, mAP } = (await cached(request, options)).facts as unknown as Metrics;
    metrics.push({ top1, top5, mAP });
  }
  return { metrics, histories: await lossHistories(turns, options) };
}

async function lossHistories(turns: readonly Turn[], options: CacheOptions): Promise<readonly History[]> {
  const histories: History[] = [];
  for (const { seed, rows } of turns) {
    const models = rows.flatMap(({ query, gallery }) => [...modelsIn(query), ...modelsIn(gallery)]);
    const distinct = new Map(models.map((model) => [trained(model).key, model]));
    for (const model of distinct.values()) {
      const { facts } = await cached(trained(model), options);
      histories.push({ label: describe(model), seed, loss: facts.losses as readonly number[] });
    }
  }
  return histories;
}

function resultRows(table: Table, turns: readonly Turn[], metrics: readonly Metrics[]): readonly ResultRow[] {
  const rows = turns[0]?.rows ?? [];
  const perSeed = rows.map((_, index) => metrics.filter((_, at) => at % rows.length === index));
  const means = perSeed.map(summaries);
  const shares = gapClosed(table, rows, means);
  return rows.map(({ id, label, reported }, index) => ({
    id,
    label,
    metrics: means[index] ?? summaries([]),
    perSeed: perSeed[index] ?? [],
    gapClosed: shares[index] ?? { top1: null, top5: null, mAP: null },
    reported,
  }));
}

/** When and where the newest piece of the work was made, and the seconds that all of it took. */
function runOf(requests: readonly Request[]): TableResult["run"] {
  const records = graphOf(requests).flatMap((request) => makingRecord(cacheFolder(), request) ?? []);
  const newest = records.reduce((latest, record) => (record.date > latest.date ? record : latest));
  const trainingSeconds = records.reduce((sum, { seconds }) => sum + seconds, 0);
  return { date: newest.date, trainingSeconds, environment: newest.environment };
}
