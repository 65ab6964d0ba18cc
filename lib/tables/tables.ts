import type { Table } from "../experiments/table";
import { mainTable } from "./main";
import { overviewTable } from "./overview";

/** Every declared table, in the order of their notebooks. */
export const tables: readonly Table[] = [overviewTable, mainTable];

/** The table of that name. Throws RangeError naming those that exist. */
export function tableNamed(id: string): Table {
  const table = tables.find((candidate) => candidate.id === id);
  if (table === undefined)
    throw new RangeError(`no table ${id}: there are ${tables.map((each) => each.id).join(", ")}`);
  return table;
}
