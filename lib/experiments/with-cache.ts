import { rmSync } from "node:fs";
import {
  artifactPath,
  type CacheOptions,
  obtain,
  obtainRecord,
  pendingOf,
  recordIfAny,
  unfinishedPath,
} from "../core/artifacts/obtain";
import type { MakingRecord } from "../core/artifacts/record";
import { graphOf, type Request } from "../core/artifacts/step";
import type { Artifact } from "../core/artifacts/store";
import { type Environment, environmentOf } from "../core/environment";
import { isPlainObject } from "../core/hash";
import { cacheFolder, makeWritable } from "../core/paths";
import { type ProgressLine, progressLine } from "../core/progress";
import { device } from "../tf/device";
import { distinct } from "./results/joined-making";
import type { Making } from "./results/result";
import { type RunChoices, runProgress, untilInterrupted } from "./run-options";

/** Gives the artifact of a request, from the cache or made and stored. */
export type Obtain = (request: Request) => Promise<Artifact>;

/**
 * Gives when and where the newest piece of the work was made, and the seconds that all of it took.
 */
type MakingOf = (requests: readonly Request[]) => Promise<Making>;

/** How work in the cache is done; `line` is where progress is shown, by default at its place. */
interface CacheChoices extends Pick<RunChoices, "progress">, Partial<Pick<RunChoices, "force">> {
  readonly line?: ProgressLine;
}

/**
 * Calls `work` with a function that obtains any of `requests` from the project's cache, and one
 * that tells of their making, with a line of progress. SIGINT stops it within a batch, and a later
 * run continues there. `force` first removes what the cache holds.
 */
export function withCache<T>(
  requests: readonly Request[],
  { progress, force = false, line = progressLine(progress) }: CacheChoices,
  work: (obtain: Obtain, makingOf: MakingOf) => Promise<T>,
): Promise<T> {
  const folder = cacheFolder();
  if (force) forget(requests);
  const pending = pendingOf(requests, folder);
  // Before the first epoch, not after it.
  if (pending.length > 0) makeWritable(folder, "FCT_CACHE");
  const callbacks = runProgress(line, requests, pending);
  const environment = environmentOf(device());
  return untilInterrupted((signal) => {
    const options: CacheOptions = { folder, environment, signal, ...callbacks };
    return work(
      (request) => obtain(request, options),
      (made) => makingOf(made, options),
    );
  });
}

/** Removes what the cache holds of the requests and of everything behind them, finished or not. */
export function forget(requests: readonly Request[]): void {
  const folder = cacheFolder();
  for (const request of graphOf(requests)) {
    rmSync(artifactPath(folder, request), { force: true });
    rmSync(unfinishedPath(folder, request), { force: true });
  }
}

async function makingOf(requests: readonly Request[], options: CacheOptions): Promise<Making> {
  const records = new Map<string, MakingRecord>();
  // If the cache was emptied meanwhile, the work is done again before anything is added up.
  for (const request of requests) records.set(request.key, await obtainRecord(request, options));
  for (const request of graphOf(requests)) {
    const record = records.get(request.key) ?? (await recordIfAny(request, options));
    if (record !== null) records.set(request.key, record);
  }
  const all = [...records.values()];
  const newest = all.reduce((latest, record) => (record.date > latest.date ? record : latest));
  const trainingSeconds = all.reduce((sum, { seconds }) => sum + seconds, 0);
  return { date: newest.date, trainingSeconds, environment: newest.environment, ...piecesOf(requests, records) };
}

/** Every piece of work behind the requests that has a record, each after its inputs. */
function piecesOf(
  requests: readonly Request[],
  records: ReadonlyMap<string, MakingRecord>,
): Required<Pick<Making, "environments" | "datasets" | "pieces">> {
  const environments = distinct<Environment>();
  const datasets = distinct<Readonly<Record<string, string>>>();
  const pieces = graphOf(requests).flatMap(({ key, kind }) => {
    const record = records.get(key);
    if (record === undefined) return [];
    const { label, date, seconds, read = {} } = record;
    const known = isPlainObject(read.dataset) ? (read.dataset as Readonly<Record<string, string>>) : null;
    const dataset = known === null ? {} : { dataset: datasets.placeOf(known) };
    const environment = environments.placeOf(record.environment);
    return [{ label, key: `${kind}-${key}`, date, seconds, environment, ...dataset }];
  });
  return { environments: environments.values, datasets: datasets.values, pieces };
}
