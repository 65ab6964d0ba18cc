import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CorruptedFile, readSealed, writeArtifact } from "../../core/artifacts/store";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { unlessMissing } from "../../core/paths";
import type { Distance } from "../../retrieval/input";
import type { NearestList } from "../../retrieval/shards/nearest-lists";
import type { MeasuredShard } from "../../retrieval/shards/relevant-items";
import type { CountedShard } from "../../retrieval/shards/shard-search";
import type { EmbeddingSide } from "./evaluation";
import type { ShardNumber } from "./shard-place";

/** What a file of a shard says of itself. */
export interface ShardFacts {
  /** What all jobs of one evaluation have in common, as one hash. */
  readonly search: string;
  readonly index: number;
  readonly of: number;
  readonly first: number;
  readonly rows: number;
  /** SHA-256 of the shard's values. */
  readonly sha256: string;
  /** Hash of the labels of its rows. */
  readonly ownLabels: string;
  /** Of all shards' measures, that counts are of; empty in a measure. */
  readonly measures: string;
  readonly ks: readonly number[];
  readonly distance: Distance;
  readonly excludeSelf: boolean;
  readonly query: EmbeddingSide;
  readonly gallery: string;
  /** Those of the queries, as texts; numbers if both sides' were. */
  readonly labels: { readonly kind: "numbers" | "texts"; readonly values: readonly string[] };
}

const factsSchema: z.ZodType<ShardFacts> = z.strictObject({
  search: z.string(),
  index: z.int(),
  of: z.int(),
  first: z.int(),
  rows: z.int(),
  sha256: z.string(),
  ownLabels: z.string(),
  measures: z.string(),
  ks: z.array(z.int()),
  distance: z.enum(["l2", "cosine"]),
  excludeSelf: z.boolean(),
  query: z.strictObject({ file: z.string(), rows: z.int(), columns: z.int() }),
  gallery: z.string(),
  labels: z.strictObject({ kind: z.enum(["numbers", "texts"]), values: z.array(z.string()) }),
});

/** A file of a shard, read back. */
export interface ShardRecord<T> {
  readonly facts: ShardFacts;
  readonly content: T;
  /** The SHA-256 that the file holds of itself. */
  readonly digest: string;
}

/** The two kinds of files, which the two readings of a shard leave. */
type RecordKind = "measured" | "counted";

function recordFile(folder: string, kind: RecordKind, { index, of }: ShardNumber): string {
  const text = (number: number): string => String(number).padStart(4, "0");
  return join(folder, `${kind}-${text(index)}-of-${text(of)}.safetensors`);
}

/**
 * The number of shards in a folder. Throws InputError if it is no folder, or holds none or those of
 * two evaluations.
 */
export function shardsInFolder(folder: string): number {
  const names = namesIn(folder);
  const counts = new Set(names.flatMap((name) => /^counted-\d+-of-(\d+)\.safetensors$/.exec(name)?.[1] ?? []));
  const [only, ...others] = counts;
  if (only === undefined) {
    const fault = "holds no counted shard";
    throw new InputError({
      file: folder,
      fault,
      remedy: "run fct evaluate --shard i/n --measure, then --count, first",
    });
  }
  if (others.length === 0) return Number(only);
  const fault = `holds shards of several evaluations (of ${[...counts].map(Number).join(" and ")} shards)`;
  throw new InputError({ file: folder, fault, remedy: "name a folder of one" });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    const remedy = "name the folder that fct evaluate --shard i/n was given";
    if ((cause as NodeJS.ErrnoException).code !== "ENOTDIR") throw unreadable(folder, cause, remedy);
    throw new InputError({ file: folder, fault: "is no folder", remedy, cause });
  }
}

export function writeMeasured(folder: string, facts: ShardFacts, { found, items, distances }: MeasuredShard): string {
  return written(recordFile(folder, "measured", facts), facts, {
    found: flat(found),
    items: flat(items),
    distances: bits(distances),
  });
}

export function writeCounted(folder: string, facts: ShardFacts, { counts, shifts, nearest }: CountedShard): string {
  const lists = nearest ?? [];
  return written(recordFile(folder, "counted", facts), facts, {
    counts: flat(new Int32Array(counts.buffer, counts.byteOffset, counts.length)),
    shifts: flat(shifts),
    lengths: flat(Int32Array.from(lists, ({ items }) => items.length)),
    items: flat(Int32Array.from(lists.flatMap(({ items }) => [...items]))),
    squaredDistances: bits(Float64Array.from(lists.flatMap(({ squaredDistances }) => [...squaredDistances]))),
  });
}

/** All shards' measures, in their order. Throws InputError if one is missing. */
export function readMeasured(folder: string, of: number): readonly ShardRecord<MeasuredShard>[] {
  return all(folder, "measured", of, ({ found, items, distances }) => {
    return { found: values(found), items: values(items), distances: doubles(distances) };
  });
}

/** All shards' counts, in their order. Throws InputError if one is missing. */
export function readCounted(folder: string, of: number): readonly ShardRecord<CountedShard>[] {
  return all(folder, "counted", of, ({ counts, shifts, lengths, items, squaredDistances }, { ks }) => {
    const found = values(counts);
    return {
      counts: new Uint32Array(found.buffer, found.byteOffset, found.length),
      shifts: values(shifts),
      nearest: ks.length === 0 ? null : lists(values(lengths), values(items), doubles(squaredDistances)),
    };
  });
}

function written(path: string, facts: ShardFacts, arrays: NamedArrays): string {
  const { query, labels, ...rest } = facts;
  writeArtifact(path, { arrays, facts: { ...rest, query: { ...query }, labels: { ...labels } } });
  return path;
}

function all<T>(
  folder: string,
  kind: RecordKind,
  of: number,
  content: (arrays: NamedArrays, facts: ShardFacts) => T,
): readonly ShardRecord<T>[] {
  return Array.from({ length: of }, (_, i) => {
    const path = recordFile(folder, kind, { index: i + 1, of });
    const sealed = unlessMissing(() => readSealed(path));
    if (sealed === null) {
      const remedy = `run fct evaluate --shard ${i + 1}/${of} --${kind === "measured" ? "measure" : "count"} ${folder}`;
      throw new InputError({ file: path, fault: "is missing", remedy });
    }
    const facts = factsSchema.safeParse(sealed.artifact.facts);
    if (!facts.success) throw new CorruptedFile(path, `it is not of a shard (${facts.error.issues[0]?.message})`);
    return { facts: facts.data, content: content(sealed.artifact.arrays, facts.data), digest: sealed.digest };
  });
}

function flat(data: Int32Array): NamedArray {
  return { shape: [data.length], data };
}

/** 64-bit floats as pairs of 32 bits, which keep every bit. */
function bits(data: Float64Array): NamedArray {
  return { shape: [data.length, 2], data: new Int32Array(data.buffer, data.byteOffset, 2 * data.length) };
}

function values(array: NamedArray | undefined): Int32Array {
  return array?.data instanceof Int32Array ? array.data : new Int32Array();
}

function doubles(array: NamedArray | undefined): Float64Array {
  const halves = values(array).slice();
  return new Float64Array(halves.buffer, 0, halves.length / 2);
}

function lists(lengths: Int32Array, items: Int32Array, squaredDistances: Float64Array): readonly NearestList[] {
  let first = 0;
  return Array.from(lengths, (length) => {
    const range = [first, first + length] as const;
    first += length;
    return { items: items.subarray(...range), squaredDistances: squaredDistances.subarray(...range) };
  });
}
