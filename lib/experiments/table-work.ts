import type { Request } from "../core/artifacts/step";
import { hashOf } from "../core/hash";
import { checkedRows } from "./check-rows";
import { distinctNames } from "./model/describe";
import { modelsIn } from "./model/model";
import { keptValues, type RowValues } from "./result-rows";
import type { TableResult } from "./results/result";
import { parseResult } from "./results/result-file";
import { type ChosenSteps, scaleOf } from "./run-options";
import { evaluationOf } from "./steps/evaluation";
import { measurementsOf } from "./steps/measurement";
import { moreQueriesOf, queryResultsOf } from "./steps/query-results";
import { trainingOf } from "./steps/training";
import { extendedIn, type ResultSource } from "./stored-result";
import type { Gap, Row, Table } from "./table";

/** The rows of a table for one seed. */
interface SeedRun {
  readonly seed: number;
  readonly rows: readonly Row[];
}

/** What a run of a table computes. */
interface TableWork {
  /** The committed result that the run extends; null if it computes all seeds. */
  readonly kept: TableResult | null;
  /** What each of its seeds gave for its rows. */
  readonly values: readonly RowValues[];
  /** The rows of the seeds to compute. */
  readonly runs: readonly SeedRun[];
  /** The results of every query, of the seeds kept too. */
  readonly queries: Request;
}

/**
 * What a run of a table computes, seed by seed. Throws RangeError if the scale or the number of
 * seeds is not allowed, or if a row cannot be run (see `checkedRows`), and as `extendedIn` and
 * `keptValues`.
 */
export function tableWork(table: Table, { extend = false, ...chosen }: ChosenSteps): TableWork {
  const { scale, seeds } = scaleOf(table, chosen);
  const kept = extendedIn(resultSource(table), { scale, seeds, extend });
  const runs = runsOf(table, scale, kept === null ? seeds : seeds.filter((seed) => !kept.seeds.includes(seed)));
  const rows = runs.flatMap(({ seed, rows }) => rows.map((row) => ({ ...row, seed })));
  return kept === null
    ? { kept, values: [], runs, queries: queryResultsOf(rows) }
    : { kept, values: keptValues(kept), runs, queries: moreQueriesOf(kept, rows) };
}

function runsOf(table: Table, scale: string, seeds: readonly number[]): readonly SeedRun[] {
  return seeds.map((seed) => ({ seed, rows: checkedRows(table.rows(scale, seed)) }));
}

/** All that a table asks for, row by row, and the results of every query. Throws as `tableWork`. */
export function requestsOf(table: Table, chosen: ChosenSteps): readonly Request[] {
  return requestsFor(tableWork(table, chosen));
}

export function requestsFor({ runs, queries }: TableWork): readonly Request[] {
  const rows = runs.flatMap(({ rows }) => rows.flatMap((row) => [evaluationOf(row), ...measurementsOf(row)]));
  return [...rows, queries];
}

/** The ends of each row's gap, by the row's id; null if it has none. */
export function gapsOf(table: Pick<Table, "gap">, rows: readonly Row[]): (row: string) => Gap | null {
  const gaps = new Map(rows.map(({ id, gap }) => [id, gap ?? table.gap]));
  return (row) => gaps.get(row) ?? null;
}

/**
 * Every model that is trained for these rows, each once, under names that tell them apart. Adapters
 * are not among them: some are trained, some computed, and a table compares dozens; nor are
 * imported models.
 */
export function trainedFor(rows: readonly Row[]): readonly { readonly name: string; readonly training: Request }[] {
  const all = rows.flatMap(({ query, gallery }) => [...modelsIn(query), ...modelsIn(gallery)]);
  const models = all.filter(({ kind, recipe }) => kind !== "adapted" && !("imported" in recipe));
  const once = [...new Map(models.map((model) => [hashOf(model), model])).values()];
  const names = distinctNames(once);
  return once.map((model, index) => ({ name: names[index] ?? "", training: trainingOf(model) }));
}

/**
 * Hash of all that a result depends on: the scale's dataset, the rows with their models and
 * recipes, their gaps, the versions of the steps, and the seeds.
 */
export function fingerprintOf(table: Table, scale: string, seeds: readonly number[]): string {
  const { id, title, measures, notes } = table;
  const runs = runsOf(table, scale, seeds);
  const declared = runs.map(({ seed, rows }) => [seed, rows.map(declaration)]);
  const further = present({ measures, notes, gap: unusualGap(table, runs[0]?.rows ?? []) });
  return hashOf([id, title, scale, table.scales[scale]?.dataset ?? null, declared, ...further]).slice(0, 32);
}

/**
 * The table's gap if a row has none of its own and it is not the usual one, which does not enter
 * the fingerprint: from old-old to new-new where there are rows of these names, else none.
 */
function unusualGap({ gap }: Table, rows: readonly Row[]): Gap | null | undefined {
  const ends = { from: "old-old", to: "new-new" };
  const usual = Object.values(ends).every((end) => rows.some(({ id }) => id === end)) ? ends : null;
  const shows = rows.some((row) => row.gap === undefined);
  return shows && hashOf(gap) !== hashOf(usual) ? gap : undefined;
}

function declaration(row: Row): readonly unknown[] {
  const { id, label, reported, group, gap, cell } = row;
  const keys = measurementsOf(row).map(({ key }) => key);
  // The names of these members enter the hash.
  const measured = keys.length === 0 ? undefined : keys;
  return [id, label, reported, evaluationOf(row).key, ...present({ group, gap, cell, measured })];
}

/** The members that are given, if there are any. */
function present(members: Readonly<Record<string, unknown>>): readonly unknown[] {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return given.length === 0 ? [] : [Object.fromEntries(given)];
}

/** How the results of a table are read. */
export function resultSource(table: Table): ResultSource<TableResult> {
  return { id: table.id, parse: parseResult, fingerprint: (scale, seeds) => fingerprintOf(table, scale, seeds) };
}
