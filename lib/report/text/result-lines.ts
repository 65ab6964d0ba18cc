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

/** When and where a result was computed. */
export function runLine({ run, fingerprint }: AnyResult): string {
  const { node, tensorflow, platform, device, cores, memoryGiB, commit } = run.environment;
  return (
    `Run of ${run.date}: ${Math.round(run.trainingSeconds)} s of training on ${device}, ${cores} cores, ${Math.round(memoryGiB)} GiB, ` +
    `${platform}, node ${node}, TensorFlow ${tensorflow}, commit ${commit ?? "unknown"}. Declaration \`${fingerprint}\`.`
  );
}
