import type { Environment } from "../../core/environment";
import { type AnyResult, isOfLanguage } from "../../experiments/language/language-result";
import { markdownLine } from "./markdown-table";

/** Which table a result is of, at which scale, and what its numbers are. */
export function titleLine(result: AnyResult): string {
  const { table, scale, dataset, seeds } = result;
  const several = seeds.length > 1;
  const over = `${several ? "over seeds and " : "over "}${isOfLanguage(result) ? "samples" : "classes"}`;
  const deviation = several ? "mean ± standard deviation over the seeds" : "a single run";
  const spread = several && hasDeviations(result) ? "; ±: one standard deviation over seeds" : "";
  const intervals = `${several ? "mean" : "a single run"}, 95 % intervals ${over}${spread}`;
  const runs = `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
  return `Table \`${table}\`, scale \`${scale}\`: ${markdownLine(dataset)}; ${runs} (${hasIntervals(result) ? intervals : deviation}).`;
}

function hasIntervals(result: AnyResult): boolean {
  return isOfLanguage(result) || result.rows.some(({ metrics }) => metrics.top1.interval !== undefined);
}

/** Whether a measure is printed with its deviation, beside metrics with intervals. */
function hasDeviations({ rows, measures = [] }: AnyResult): boolean {
  const details = rows.flatMap((row) => measures.flatMap(({ id }) => row.details?.[id] ?? []));
  return details.some(({ sd, interval }) => sd !== null && sd !== 0 && interval === undefined);
}

/** What a reader must know of the rows, as a list; none if there is nothing. */
export function noteList(notes: readonly string[]): readonly string[] {
  return notes.length === 0 ? [] : [notes.map((note) => `- ${markdownLine(note)}`).join("\n")];
}

/** When and where a result was computed, at all the commits and machines of its pieces of work. */
export function runLine({ run, fingerprint }: AnyResult): string {
  const machines = [...new Set(environmentsOf(run).map(machineText))].join("; ");
  const commits = commitsText(run) ?? "unknown";
  return (
    `Run of ${run.date}: ${Math.round(run.trainingSeconds)} s of training on ${machines}, ` +
    `${commits.includes(", ") ? "commits" : "commit"} ${commits}. Declaration \`${fingerprint}\`.`
  );
}

/** The commits of all pieces of work of a run, as far as they are known. */
export function commitsOf(run: AnyResult["run"]): ReadonlySet<string> {
  return new Set(environmentsOf(run).flatMap(({ commit }) => commit ?? []));
}

/** The same in short; null if none is known. */
export function commitsText(run: AnyResult["run"]): string | null {
  const short = [...commitsOf(run)].map((commit) => `\`${commit.replace(/^([0-9a-f]{7})[0-9a-f]*/, "$1")}\``);
  return short.length === 0 ? null : [...new Set(short)].join(", ");
}

/** Those of all pieces of work, or of the newest alone where no more is known. */
function environmentsOf({ environment, environments = [environment] }: AnyResult["run"]): readonly Environment[] {
  return environments;
}

function machineText({ node, tensorflow, platform, device, cores, memoryGiB }: Environment): string {
  return `${device}, ${cores} cores, ${Math.round(memoryGiB)} GiB, ${platform}, node ${node}, TensorFlow ${tensorflow}`;
}
