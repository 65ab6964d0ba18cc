import { csvTable } from "./csv";
import { parquetTable } from "./parquet";
import type { TableFile, TablePlace } from "./table";

/** The CSV or Parquet file that `place` names, with what follows a "#"; null for other files. */
export async function tableAt(place: string): Promise<(TableFile & TablePlace) | null> {
  const [, path = "", ending = "", , selector] = /^(.+\.(csv|tsv|parquet))(#(.+))?$/.exec(place) ?? [];
  if (path === "") return null;
  const table = await (ending === "parquet" ? parquetTable(path) : csvTable(path));
  return { ...table, selector };
}
