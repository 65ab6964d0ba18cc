import type { Request } from "../core/step";
import type { Artifact } from "../core/store";
import { evaluated } from "./evaluation-steps";
import { type Metrics, metricsOf } from "./gap";
import { measured } from "./measurement";
import type { Curve } from "./result";
import type { Row, Table } from "./table";

/** A row with the work behind it. */
export interface RowWork {
  readonly row: Row;
  readonly evaluation: Request;
  readonly measurements: readonly Request[];
}

/** The rows of a table for one seed. */
export interface Turn {
  readonly seed: number;
  readonly rows: readonly RowWork[];
}

/** The work of a table at a scale, seed by seed. */
export function turnsOf(table: Table, scale: string, seeds: readonly number[]): readonly Turn[] {
  return seeds.map((seed) => ({ seed, rows: table.rows(scale, seed).map(rowWork) }));
}

/** All that turns ask for, row by row. */
export function requestsOf(turns: readonly Turn[]): readonly Request[] {
  return turns.flatMap(({ rows }) => rows.flatMap(({ evaluation, measurements }) => [evaluation, ...measurements]));
}

function rowWork(row: Row): RowWork {
  return { row, evaluation: evaluated(row), measurements: measured(row, row.measurements) };
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
