import { existsSync } from "node:fs";
import { artifactPath } from "../core/artifacts/obtain";
import { graphOf, type Request } from "../core/artifacts/step";
import { InputError } from "../core/input-error";
import { cacheFolder } from "../core/paths";
import type { ProgressLine } from "../core/progress";
import type { AnyTable } from "../experiments/language/kinds/any-table";
import { withCache } from "../experiments/with-cache";
import { declaredAgain, type Plan } from "./plan";

/** A plan and the file that it was read from. */
export interface PlanFile {
  readonly file: string;
  readonly plan: Plan;
}

/**
 * The request with a key of a plan, found among what the plan's tables declare today. Throws
 * InputError, with what to do, if the plan has no such step, or if today's library declares none.
 */
export function plannedRequest(key: string, { file, plan }: PlanFile, tables: readonly AnyTable[]): Request {
  const step = plan.steps.find((each) => each.key === key);
  if (step === undefined) {
    const fault = `expected the key of one of its ${plan.steps.length} steps, got ${key}`;
    throw new InputError({ file, fault, remedy: "take a key from the plan" });
  }
  for (const planned of plan.tables) {
    const table = tables.find(({ id }) => id === planned.table);
    const declared = table === undefined ? [] : graphOf(declaredAgain(table, planned));
    const found = declared.find((request) => request.key === key);
    if (found !== undefined) return found;
  }
  const fault = `"${step.label}" is no longer declared: the library has changed since the plan was made`;
  throw new InputError({ file, place: `step ${key}`, fault, remedy: "make the plan again: npm run fct -- plan" });
}

/**
 * Makes the artifact of a request in the project's cache, if it is not there, as a run of its table
 * does. Its inputs must be in the cache: throws InputError if one is missing. Any process on a
 * machine that shares the cache's file system may do the same at the same time. SIGINT stops it,
 * and the next call continues.
 */
export async function runStep(request: Request, line: ProgressLine): Promise<void> {
  const folder = cacheFolder();
  const isMade = existsSync(artifactPath(folder, request));
  const missing = isMade ? undefined : request.inputs.find((input) => !existsSync(artifactPath(folder, input)));
  if (missing !== undefined) {
    const file = artifactPath(folder, missing);
    const fault = `is missing: step ${request.key} reads ${missing.label}`;
    throw new InputError({ file, fault, remedy: `run step ${missing.key} first` });
  }
  await withCache([request], { progress: "log", line }, (obtain) => obtain(request));
}
