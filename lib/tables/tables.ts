import type { Table } from "../experiments/table";
import { architecturesTable } from "./architectures";
import { backfillTable } from "./backfill";
import { costTable } from "./cost";
import { datasetChangeTable } from "./dataset-change";
import { datasetTables } from "./datasets";
import { flipsTable } from "./flips";
import { lossesTable } from "./losses";
import { mainTable } from "./main";
import { overviewTable } from "./overview";
import { sequenceTable } from "./sequence";
import { sideInformationTable } from "./side-information";
import { transformationTable } from "./transformation";

/** Every declared table, in the order of their notebooks. */
export const tables: readonly Table[] = [
  overviewTable,
  mainTable,
  sideInformationTable,
  lossesTable,
  architecturesTable,
  datasetChangeTable,
  ...datasetTables,
  sequenceTable,
  backfillTable,
  transformationTable,
  flipsTable,
  costTable,
];

/** The table of that name. Throws RangeError naming those that exist. */
export function tableNamed(id: string): Table {
  const table = tables.find((candidate) => candidate.id === id);
  if (table === undefined)
    throw new RangeError(`no table ${id}: there are ${tables.map((each) => each.id).join(", ")}`);
  return table;
}
