import { hashOf } from "../../core/hash";
import { InputError } from "../../core/input-error";
import type { Matrix } from "../../core/matrix";
import type { ProgressLine } from "../../core/progress";
import { type Labels, numberedLabels } from "../../files/label-numbers";
import { type FoundLabels, readAnyLabels } from "../../files/labels";
import { withMatrices } from "../../files/matrix-file";
import { shardsAt } from "../../files/shards";
import type { MatrixFile } from "../../files/stored-matrix";
import type { EvaluateChoices } from "./evaluation";
import { needsGroups } from "./rank-files";
import { type BlockChoices, inspect, wholeMatrix } from "./search-files";
import { openPlace, placeOf, type ShardNumber, type ShardPlace } from "./shard-place";

/** What one job works on: one shard of the gallery, and all queries. */
export interface ShardPart {
  readonly number: ShardNumber;
  readonly query: Matrix;
  readonly queryName: string;
  readonly queryLabels: Labels;
  /** Whether the labels of both sides are numbers. */
  readonly areNumbers: boolean;
  readonly shard: MatrixFile;
  /** The gallery row that is the shard's first. */
  readonly first: number;
  /** Classes of the shard's rows and of the queries, numbered together. */
  readonly numbers: { readonly labels: Float64Array; readonly queryLabels: Float64Array };
  /** SHA-256 of the shard's values. */
  readonly sha256: string;
  /** Hash of its labels. */
  readonly labels: string;
  /** What all jobs of one evaluation have in common. */
  readonly search: string;
}

export type PartChoices = BlockChoices & { readonly shard: ShardNumber };

/**
 * Opens and checks a shard, calls `use`, and closes it. A gallery of several files is divided by
 * files, one file by rows. Throws InputError if there are fewer files than shards, if files do not
 * fit each other, and on choices that need the whole gallery at once.
 */
export async function withShard<T>(
  choices: PartChoices,
  line: ProgressLine,
  use: (part: ShardPart) => Promise<T>,
): Promise<T> {
  requirePlain(choices);
  const place = await placeOf(choices.gallery, choices.shard);
  const shard = await openPlace(choices.gallery, place);
  try {
    return await withMatrices([choices.query], async (query) =>
      use(await checkedPart({ query, shard, place }, choices, line)),
    );
  } finally {
    await shard.close();
  }
}

/** Reads both sides once, and the labels that belong to them. */
async function checkedPart(
  { query, shard, place }: { readonly query: MatrixFile; readonly shard: MatrixFile; readonly place: ShardPlace },
  choices: PartChoices,
  line: ProgressLine,
): Promise<ShardPart> {
  const { queryLabels, labels, distance, excludeSelf = false, shard: number } = choices;
  const { matrix, digest } = await wholeMatrix(query, choices, line);
  const { own, whole } = await labelsOfShard(labels, place, shard);
  const asked = await readAnyLabels(queryLabels ?? labels, (found) => requireCount(found, query));
  if (shard.columns !== query.columns) throw otherWidth(query, shard);
  const [numbers, queryNumbers] = numberedLabels([own, asked]).sides;
  if (!(numbers instanceof Float64Array && queryNumbers instanceof Float64Array)) throw severalLabels(labels);
  return {
    number,
    query: matrix,
    queryName: query.name,
    queryLabels: asked,
    areNumbers: own.kind === "numbers" && asked.kind === "numbers",
    shard,
    first: place.first,
    numbers: { labels: numbers, queryLabels: queryNumbers },
    sha256: await inspect(shard, choices, line, () => {}),
    labels: hashOf(texts(own)),
    search: hashOf({
      query: digest,
      queryLabels: texts(asked),
      labels: whole === null ? null : texts(whole),
      distance,
      excludeSelf,
      of: number.of,
    }),
  };
}

function requirePlain(choices: PartChoices & Pick<EvaluateChoices, "out" | "perQuery">): void {
  const faults: readonly (readonly [boolean, string])[] = [
    [needsGroups(choices), "groups need the whole gallery at once"],
    [choices.out !== undefined || choices.perQuery !== undefined, "lists are written by fct merge"],
  ];
  const [, fault] = faults.find(([holds]) => holds) ?? [];
  if (fault !== undefined)
    throw new InputError({ file: choices.gallery, fault, remedy: "leave them out with --shard" });
}

/**
 * The labels of a shard's rows and, if they are read, of all rows. Those in as many files as the
 * gallery belong to its files; of another number all are read.
 */
async function labelsOfShard(
  place: string,
  { files, places, fromFile, first, total }: ShardPlace,
  shard: MatrixFile,
): Promise<{ readonly own: Labels; readonly whole: Labels | null }> {
  const all = shardsAt(place);
  const each = "one for each row is needed";
  if (files > 1 && all?.length === files) {
    const parts = all.slice(fromFile, fromFile + places.length);
    return { own: await readAnyLabels(parts, (found) => requireCount(found, shard, each)), whole: null };
  }
  const whole = await readAnyLabels(place);
  const end = first + shard.rows;
  if (whole.values.length !== total) {
    throw new InputError({
      file: place,
      fault: `has ${whole.values.length} labels, the gallery ${total} rows`,
      remedy: each,
    });
  }
  return { own: labelsBetween(whole, first, end), whole };
}

function labelsBetween({ kind, values }: Labels, first: number, end: number): Labels {
  switch (kind) {
    case "numbers":
      return { kind, values: values.slice(first, end) };
    case "texts":
      return { kind, values: values.slice(first, end) };
    case "sets":
      return { kind, values: values.slice(first, end) };
  }
}

function texts({ values }: Labels): readonly string[] {
  return Array.from(values, String);
}

function requireCount({ name, count, note }: FoundLabels, side: MatrixFile, remedy?: string): void {
  if (count === side.rows) return;
  const fault = `has ${count} labels${note}, ${side.name} ${side.rows} rows`;
  throw new InputError({ file: name, fault, remedy: remedy ?? "name the queries' own by --query-labels" });
}

function otherWidth(query: MatrixFile, shard: MatrixFile): InputError {
  const fault = `has ${query.columns} dimensions, ${shard.name} ${shard.columns}: they must be equal`;
  return new InputError({ file: query.name, fault });
}

function severalLabels(file: string): InputError {
  const fault = "holds several labels an item, which need the whole gallery at once";
  return new InputError({ file, fault, remedy: "evaluate it without --shard" });
}
