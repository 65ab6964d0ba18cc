import { hashOf } from "../core/hash";
import type { Table } from "./table";
import { type RowWork, turnsOf } from "./table-work";

/** Hash of all that a result depends on: the scale's data, rows with their models, recipes, versions of the steps, seeds. */
export function fingerprintOf(table: Table, scale: string, seeds: readonly number[]): string {
  const { id, title, measures, notes } = table;
  const declared = turnsOf(table, scale, seeds).map(({ seed, rows }) => [seed, rows.map(declaredRow)]);
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
