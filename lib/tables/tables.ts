import { unexpected } from "../core/check";
import type { AnyTable } from "../experiments/language/kinds/any-table";
import { architecturesTable } from "./architectures";
import { backfillTable } from "./backfill";
import { baselinesTable, choicesTable } from "./baselines";
import { costTable } from "./cost";
import { datasetChangeTable } from "./dataset-change";
import { datasetTables } from "./datasets";
import { flipsTable } from "./flips";
import { lossesTable } from "./losses";
import { mainTable } from "./main";
import { adaptersTable } from "./maps/adapters";
import { transformationTable } from "./maps/transformation";
import { muscleTable } from "./muscle";
import { overviewTable } from "./overview";
import { sequenceTable } from "./sequence";
import { sideInformationTable } from "./side-information";

/** Every declared table, in the order of the notebooks. */
export const tables: readonly AnyTable[] = [
  overviewTable,
  mainTable,
  baselinesTable,
  choicesTable,
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
  adaptersTable,
  muscleTable,
];

/** The table called `id`. Throws RangeError if there is none, naming those that exist. */
export function tableNamed(id: string): AnyTable {
  const found = tables.find((table) => table.id === id);
  if (found !== undefined) return found;
  throw unexpected("table", `one of ${tables.map((table) => table.id).join(", ")}`, id);
}
