import { hashOf } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { makeWritable } from "../../core/paths";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { countShard, measureShard, type ShardSearch } from "../../retrieval/shards/shard-search";
import type { BlockChoices } from "./search-files";
import { type ShardPart, withShard } from "./shard-part";
import type { ShardNumber } from "./shard-place";
import { readMeasured, type ShardFacts, type ShardRecord, writeCounted, writeMeasured } from "./shard-record";

/** A job of an evaluation that is divided by shards: the folder is that of all its jobs. */
export type ShardJob = BlockChoices & {
  readonly shard: ShardNumber;
  readonly reading: "measure" | "count";
  readonly folder: string;
};

/**
 * Does one of the two readings of a shard, and gives the path of what it has written. "measure"
 * tells the distances of the relevant items, "count", once all shards are measured, the items
 * before them. Any job may be done again. Throws InputError if shards do not belong together.
 */
export function evaluateShard(job: ShardJob, line: ProgressLine): Promise<string> {
  const { folder, reading, memory, distance, excludeSelf = false } = job;
  makeWritable(folder);
  return withShard(job, line, async (part) => {
    const { query, shard, first, numbers } = part;
    const words = `${shard.name}: ${reading === "measure" ? "measuring" : "counting"}, rows`;
    const show = rowProgress(line, { words, total: shard.rows });
    const onProgress = (share: number): void => show(Math.floor(share * shard.rows));
    const search: ShardSearch = { query, shard, first, ...numbers, distance, excludeSelf, memory, onProgress };
    const facts = factsOf(part, job);
    if (reading === "measure") return writeMeasured(folder, facts, await measureShard(search));
    const measured = belonging(folder, readMeasured(folder, job.shard.of), facts);
    const ks = job.k ?? [];
    requireK(ks, measured, folder);
    const contents = measured.map(({ content }) => content);
    const counted = await countShard(search, contents, { k: Math.max(0, ...ks) });
    return writeCounted(folder, { ...facts, ks: [...ks], measures: digestOf(measured) }, counted);
  });
}

/** What counts name, so that they are merged with the measures that they are of. */
export function digestOf(measured: readonly ShardRecord<unknown>[]): string {
  return hashOf(measured.map(({ digest }) => digest));
}

function factsOf(
  { number, query, queryName, queryLabels, areNumbers, shard, first, sha256, labels, search }: ShardPart,
  { gallery, distance, excludeSelf = false }: ShardJob,
): ShardFacts {
  const kind = areNumbers ? "numbers" : "texts";
  return {
    search,
    ...number,
    first,
    rows: shard.rows,
    sha256,
    ownLabels: labels,
    measures: "",
    ks: [],
    distance,
    excludeSelf,
    query: { file: queryName, rows: query.rows, columns: query.columns },
    gallery,
    labels: { kind, values: Array.from(queryLabels.values, String) },
  };
}

/** The measures, if they are of this search and of this shard as it is now. */
function belonging<T>(folder: string, records: readonly ShardRecord<T>[], own: ShardFacts): readonly ShardRecord<T>[] {
  requireOneSearch(folder, records, own.search);
  const earlier = records[own.index - 1]?.facts;
  const changed = earlier?.sha256 !== own.sha256 || earlier.first !== own.first;
  if (!changed && earlier.ownLabels === own.ownLabels) return records;
  const fault = `shard ${own.index}/${own.of} has ${changed ? "changed since" : "other labels than when"} it was measured`;
  throw new InputError({ file: own.gallery, fault, remedy: "measure it again" });
}

/** Throws InputError unless shards are of one search, and one begins where the other ends. */
export function requireOneSearch(folder: string, records: readonly ShardRecord<unknown>[], search: string): void {
  let next = 0;
  for (const { facts } of records) {
    const fault =
      facts.search !== search
        ? `shard ${facts.index}/${facts.of} is of other queries, labels or options`
        : facts.first !== next
          ? `shard ${facts.index}/${facts.of} begins with row ${facts.first}, those before it end with ${next - 1}`
          : null;
    next = facts.first + facts.rows;
    if (fault !== null)
      throw new InputError({ file: folder, fault, remedy: "measure it again, or name another folder" });
  }
  const { query, excludeSelf } = records[0]?.facts ?? {};
  if (!excludeSelf || query?.rows === next) return;
  const fault = `has ${query?.rows} rows, the gallery ${next}`;
  const remedy = "with --exclude-self both must hold the same items in the same order";
  throw new InputError({ file: query?.file ?? folder, fault, remedy });
}

function requireK(ks: readonly number[], measured: readonly ShardRecord<unknown>[], folder: string): void {
  const rows = measured.reduce((sum, { facts }) => sum + facts.rows, 0);
  const wrong = ks.find((k) => k > rows);
  if (wrong === undefined) return;
  throw new InputError({ file: folder, fault: `its gallery has ${rows} rows, --k names ${wrong}` });
}
