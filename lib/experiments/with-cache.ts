import { rmSync } from "node:fs";
import {
  artifactPath,
  type CacheOptions,
  graphOf,
  makingRecord,
  obtain,
  pendingOf,
  type Request,
  unfinishedPath,
} from "../core/artifacts/step";
import type { Artifact } from "../core/artifacts/store";
import { environmentOf } from "../core/environment";
import { cacheFolder, makeWritable } from "../core/paths";
import { progressLine } from "../core/progress";
import { device } from "../tf/device";
import type { TableResult } from "./results/result";
import { type RowCount, type RunChoices, runProgress, untilInterrupted } from "./run-options";

/** Gives the artifact of a request, from the cache or made and stored. */
export type Obtain = (request: Request) => Promise<Artifact>;

/**
 * Calls `work` with a function that obtains any of `requests` from the project's cache, with a line
 * of progress. SIGINT stops it within a batch, and a later run continues there. `force` first
 * removes what the cache holds.
 */
export function withCache<T>(
  requests: readonly Request[],
  {
    rows,
    progress,
    force = false,
  }: { readonly rows: RowCount } & Partial<Pick<RunChoices, "force">> & Pick<RunChoices, "progress">,
  work: (obtain: Obtain) => Promise<T>,
): Promise<T> {
  const folder = cacheFolder();
  if (force) forget(requests, folder);
  const pending = pendingOf(requests, folder);
  // Before the first epoch, not after it.
  if (pending.length > 0) makeWritable(folder, "FCT_CACHE");
  const callbacks = runProgress(progressLine(progress), pending, rows);
  const environment = environmentOf(device());
  return untilInterrupted((signal) => {
    const options: CacheOptions = { folder, environment, signal, ...callbacks };
    return work((request) => obtain(request, options));
  });
}

/** Removes what the cache holds of the requests and of everything behind them, finished or not. */
function forget(requests: readonly Request[], folder: string): void {
  for (const request of graphOf(requests)) {
    rmSync(artifactPath(folder, request), { force: true });
    rmSync(unfinishedPath(folder, request), { force: true });
  }
}

/** When and where the newest piece of the work was made, and how many seconds all of it took. */
export function makingOf(requests: readonly Request[]): TableResult["run"] {
  const records = graphOf(requests).flatMap((request) => makingRecord(cacheFolder(), request) ?? []);
  const newest = records.reduce((latest, record) => (record.date > latest.date ? record : latest));
  const trainingSeconds = records.reduce((sum, { seconds }) => sum + seconds, 0);
  return { date: newest.date, trainingSeconds, environment: newest.environment };
}
