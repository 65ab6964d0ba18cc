import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "../../core/artifacts/store";
import { readSealed } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";
import { InputError } from "../../core/input-error";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { bitsOf, valueAt } from "./bits";
import type { MetricName, QueriesRecord } from "./result";

// What every query of a row found, for each seed, in arrays "SEED/ROW/METRIC": average precisions
// in [0, 1] as 32-bit floats, hits as bits in 32-bit integers, or, for a row with a curve, the
// shares of its points that were hits as floats. A query without a relevant item has the average
// precision -1. The classes of the queries are in "classes/N", and fact "classes" says which N
// belongs to a row and seed. A row of q queries takes 4.25 q bytes: 6 kB for 1,452 queries, 43 kB
// for 10,000.

/** One row's results with one seed: the arrays "queries/METRIC" and "queries/classes". */
export interface RowQueries {
  readonly row: string;
  readonly seed: number;
  readonly results: NamedArrays;
}

const prefix = "queries/";

/** The average precision of a query that has no relevant item. */
const skipped = -1;

/**
 * Values of every query and the queries' classes, as `RowQueries` has them; hits are packed into
 * bits, if they are 0 or 1.
 */
export function packedQueries(classes: Int32Array, metrics: Readonly<Record<MetricName, Float64Array>>): NamedArrays {
  const missing = (value: number): number => (Number.isNaN(value) ? skipped : value);
  const average = Float32Array.from(metrics.mAP, missing);
  const hits = (values: Float64Array): Int32Array | Float32Array => {
    const known = values.map((value) => (Number.isNaN(value) ? 0 : value));
    return known.every((value) => value === 0 || value === 1) ? bitsOf(known) : Float32Array.from(known);
  };
  const arrays = { top1: hits(metrics.top1), top5: hits(metrics.top5), mAP: average, classes };
  const shaped = Object.entries(arrays).map(
    ([name, data]) => [`${prefix}${name}`, { shape: [data.length], data }] as const,
  );
  return Object.fromEntries(shaped);
}

/** All rows of a table in one artifact; equal lists of classes are kept once. */
export function queriesOfTable(rows: readonly RowQueries[]): Artifact {
  const lists: Int32Array[] = [];
  const classes: Record<string, number> = {};
  const arrays: Record<string, Artifact["arrays"][string]> = {};
  for (const { row, seed, results } of rows) {
    const own = Object.entries(results).filter(([name]) => name.startsWith(prefix));
    const { classes: labels, ...metrics } = Object.fromEntries(
      own.map(([name, array]) => [name.slice(prefix.length), array] as const),
    );
    const list = labels?.data as Int32Array;
    const known = lists.findIndex((each) => each.length === list.length && each.every((label, i) => label === list[i]));
    classes[`${seed}/${row}`] = known < 0 ? lists.push(list) - 1 : known;
    for (const [metric, array] of Object.entries(metrics)) arrays[`${seed}/${row}/${metric}`] = array;
  }
  lists.forEach((data, index) => {
    arrays[`classes/${index}`] = { shape: [data.length], data };
  });
  return { arrays, facts: { classes } };
}

/** The artifacts of two tables of different rows or seeds in one. */
export function joinedQueries(first: Artifact, second: Artifact): Artifact {
  return queriesOfTable([first, second].flatMap(rowQueriesIn));
}

/** What `queriesOfTable` was made of, in its order. */
function rowQueriesIn({ arrays, facts }: Artifact): readonly RowQueries[] {
  const rows = new Map<string, Record<string, NamedArrays[string]>>();
  for (const [name, array] of Object.entries(arrays)) {
    const cut = name.lastIndexOf("/");
    const place = name.slice(0, cut);
    if (place === "classes") continue;
    const results = rows.get(place) ?? {};
    results[`${prefix}${name.slice(cut + 1)}`] = array;
    rows.set(place, results);
  }
  const lists = facts.classes as Readonly<Record<string, number>>;
  return [...rows].map(([place, metrics]) => {
    const cut = place.indexOf("/");
    const results = { ...metrics, [`${prefix}classes`]: arrayNamed(arrays, `classes/${lists[place]}`) };
    return { seed: Number(place.slice(0, cut)), row: place.slice(cut + 1), results };
  });
}

/** The name of the file with the results of every query, beside a table's JSON. */
export function queriesFile(table: string): string {
  return `${table}-queries.safetensors`;
}

/**
 * The results of every query that belong to a result in `folder`; null if the result names none.
 * Throws InputError, which names the file, if it is missing, damaged or of another run.
 */
export function readQueries(
  result: { readonly table: string; readonly queries?: QueriesRecord },
  folder: string,
): Artifact | null {
  const { queries, table } = result;
  if (queries === undefined) return null;
  const file = join(folder, queriesFile(table));
  const remedy = "run the table again, or take the file from where its JSON came from";
  if (!existsSync(file)) throw new InputError({ file, fault: `is missing, and ${table}.json names it`, remedy });
  const { artifact, digest } = readSealed(file);
  if (digest === queries.sha256) return artifact;
  throw new InputError({ file, fault: `is not of the run in ${table}.json: its checksum is ${digest}`, remedy });
}

/** Values of a row's queries in percent, NaN for those skipped, and the queries' classes. */
export function queryValues(
  { arrays, facts }: Artifact,
  { row, seed, metric }: { readonly row: string; readonly seed: number; readonly metric: MetricName },
): { readonly values: Float64Array; readonly classes: Int32Array } {
  const place = `${seed}/${row}`;
  const index = (facts.classes as Readonly<Record<string, number>> | undefined)?.[place];
  if (index === undefined) throw unexpected("results of queries", `row ${row} with seed ${seed}`, "none");
  const classes = arrayNamed(arrays, `classes/${index}`).data as Int32Array;
  return { values: unpacked(arrays, `${place}/`, metric), classes };
}

/** Values of the queries of one row and seed in percent, NaN for those skipped. */
export function packedValues(arrays: NamedArrays, metric: MetricName): Float64Array {
  return unpacked(arrays, prefix, metric);
}

function unpacked(arrays: NamedArrays, place: string, metric: MetricName): Float64Array {
  const { data } = arrayNamed(arrays, `${place}${metric}`);
  const average = arrayNamed(arrays, `${place}mAP`).data as Float32Array;
  const values = new Float64Array(average.length);
  for (let i = 0; i < values.length; i++) values[i] = average[i] === skipped ? Number.NaN : 100 * valueAt(data, i);
  return values;
}
