import { hashOf } from "../core/hash";
import { type CacheOptions, obtain, type Request } from "../core/step";
import type { Artifact } from "../core/store";
import { describe } from "./model/describe";
import { modelsIn } from "./model/model";
import { type Metrics, metricsOf } from "./result-rows";
import type { Curve, History } from "./results/result";
import { evaluationOf } from "./steps/evaluation";
import { measurementsOf } from "./steps/measurement";
import { trainingOf } from "./steps/training";
import type { Row, Table } from "./table";

/** A row with the work behind it. */
interface RowWork {
  readonly row: Row;
  readonly evaluation: Request;
  readonly measurements: readonly Request[];
}

/** The rows of a table for one seed. */
export interface SeedRun {
  readonly seed: number;
  readonly rows: readonly RowWork[];
}

/** The work of a table at a scale, seed by seed. */
export function seedRunsOf(table: Table, scale: string, seeds: readonly number[]): readonly SeedRun[] {
  return seeds.map((seed) => ({ seed, rows: table.rows(scale, seed).map(rowWork) }));
}

/** All that turns ask for, row by row. */
export function requestsOf(turns: readonly SeedRun[]): readonly Request[] {
  return turns.flatMap(({ rows }) => rows.flatMap(({ evaluation, measurements }) => [evaluation, ...measurements]));
}

function rowWork(row: Row): RowWork {
  return { row, evaluation: evaluationOf(row), measurements: measurementsOf(row, row.measurements) };
}

/** What one seed's work gave for a row. */
export interface RowValues {
  readonly metrics: Metrics;
  readonly details: Readonly<Record<string, number>>;
  readonly curve: Curve | null;
}

/** Reads a row's values from what its work made. */
export function rowValues(evaluation: Artifact, measurements: readonly Artifact[]): RowValues {
  const details = Object.assign({}, ...measurements.map(({ facts }) => facts)) as RowValues["details"];
  return { metrics: metricsOf(evaluation.facts), details, curve: curveOf(evaluation) };
}

function curveOf({ arrays: { shares, top1, top5, mAP } }: Artifact): Curve | null {
  if (!(shares && top1 && top5 && mAP)) return null;
  const [of, first, five, average] = [shares, top1, top5, mAP].map(({ data }) => Array.from(data));
  return { shares: of ?? [], top1: first ?? [], top5: five ?? [], mAP: average ?? [] };
}

/** Hash of all that a result depends on: the scale's data, rows with their models, recipes, versions of the steps, seeds. */
export function fingerprintOf(table: Table, scale: string, seeds: readonly number[]): string {
  const { id, title, measures, notes } = table;
  const declared = seedRunsOf(table, scale, seeds).map(({ seed, rows }) => [seed, rows.map(declaredRow)]);
  const further = present({ measures, notes });
  return hashOf([id, title, scale, table.scales[scale]?.dataset ?? null, declared, ...further]).slice(0, 32);
}

function declaredRow({ row, evaluation, measurements }: RowWork): readonly unknown[] {
  const { id, label, reported, group, gap, cell } = row;
  const measured = measurements.length === 0 ? undefined : measurements.map(({ key }) => key);
  return [id, label, reported, evaluation.key, ...present({ group, gap, cell, measured })];
}

/** The members that are given, if there are any. */
function present(members: Readonly<Record<string, unknown>>): readonly unknown[] {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return given.length === 0 ? [] : [Object.fromEntries(given)];
}

/** The losses of every model behind a table, each once a seed, under names that tell them apart. */
export async function lossHistories(turns: readonly SeedRun[], options: CacheOptions): Promise<readonly History[]> {
  const histories: History[] = [];
  for (const { seed, rows } of turns) {
    const models = modelsOf(rows);
    const labels = distinctLabels(models);
    for (const [index, model] of models.entries()) {
      const { facts } = await obtain(trainingOf(model), options);
      histories.push({ label: labels[index] ?? "", seed, loss: facts.losses as readonly number[] });
    }
  }
  return histories;
}

type Trained = ReturnType<typeof modelsIn>[number];

function modelsOf(rows: SeedRun["rows"]): readonly Trained[] {
  const models = rows.flatMap(({ row: { query, gallery } }) => [...modelsIn(query), ...modelsIn(gallery)]);
  return [...new Map(models.map((model) => [trainingOf(model).key, model])).values()];
}

/** Short names; where two models share one, an h says between which models it maps, and what is still equal is numbered. */
function distinctLabels(models: readonly Trained[]): readonly string[] {
  const short = models.map(describe);
  const longer = models.map((model, index) => {
    const name = short[index] ?? "";
    const shared = short.filter((other) => other === name).length > 1;
    return shared && model.kind === "upgrade" ? `${name}: ${describe(model.old)} to ${describe(model.target)}` : name;
  });
  return longer.map((name, index) => {
    const before = longer.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}
