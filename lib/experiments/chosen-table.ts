import { runChoices } from "../core/paths";
import type { Table } from "./table";

/** The table that the command line chose among those a notebook can show; the first unless it chose. Throws RangeError on another. */
export function chosenTable(tables: readonly [Table, ...Table[]]): Table {
  const { table } = runChoices();
  if (table === null) return tables[0];
  const found = tables.find(({ id }) => id === table);
  if (found === undefined)
    throw new RangeError(`table ${table}: this notebook shows ${tables.map(({ id }) => id).join(", ")}`);
  return found;
}

/** The scale that the command line chose; quick unless it chose. */
export function currentScale(): string {
  return runChoices().scale;
}
