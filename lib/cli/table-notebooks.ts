import type { Table } from "../experiments/table";
import { mainTable } from "../tables/main";

/** A table and the notebook that runs it, by its name in notebooks/. */
export interface TableNotebook {
  readonly table: Table;
  readonly notebook: string;
}

/** Every table that `npm run reproduce` can run. */
export const tableNotebooks: readonly TableNotebook[] = [{ table: mainTable, notebook: "01-main" }];
