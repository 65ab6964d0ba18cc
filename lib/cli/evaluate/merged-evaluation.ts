import { InputError } from "../../core/input-error";
import { numberedLabels } from "../../files/label-numbers";
import { mergeShards } from "../../retrieval/shards/merge-shards";
import { digestOf, requireOneSearch } from "./evaluate-shard";
import type { FileEvaluation } from "./evaluation";
import { readCounted, readMeasured, type ShardFacts, shardsInFolder } from "./shard-record";

/**
 * The evaluation whose shards lie in a folder. Throws InputError if they do not belong together.
 */
export function mergedEvaluation(folder: string): { readonly evaluation: FileEvaluation; readonly facts: ShardFacts } {
  const of = shardsInFolder(folder);
  const [measured, counted] = [readMeasured(folder, of), readCounted(folder, of)];
  const { facts } = counted[0] as (typeof counted)[number];
  for (const records of [measured, counted]) requireOneSearch(folder, records, facts.search);
  const measures = digestOf(measured);
  const other = counted.find((one) => one.facts.measures !== measures || String(one.facts.ks) !== String(facts.ks));
  if (other !== undefined) {
    const fault = `shard ${other.facts.index}/${of} was counted with other measures, or another --k`;
    throw new InputError({ file: folder, fault, remedy: "count it again" });
  }
  const contents = { measured: measured.map((one) => one.content), counted: counted.map((one) => one.content) };
  const { result, ranking } = mergeShards({ ...contents, ks: facts.ks });
  const { kind, values } = facts.labels;
  const labels = kind === "numbers" ? { kind, values: Float64Array.from(values, Number) } : { kind, values };
  const { sides, nameOf } = numberedLabels([labels]);
  const rows = counted.reduce((sum, one) => sum + one.facts.rows, 0);
  const gallery = { file: facts.gallery, rows, columns: facts.query.columns };
  const [queryLabels = new Float64Array()] = sides;
  return {
    evaluation: {
      result,
      ranking,
      queryLabels,
      nameOf,
      gallery,
      query: facts.query,
      streamed: true,
      findsItself: false,
    },
    facts,
  };
}
