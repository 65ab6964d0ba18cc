import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import type { TableResult } from "../experiments/result";
import { resultColumns } from "./result-columns";

/** The printed table of a result (see resultColumns) as a data frame of text cells; RangeError when it has no rows. */
export function resultFrame(result: TableResult): DataFrame {
  if (result.rows.length === 0) throw new RangeError(`the result of table ${result.table} has no rows`);
  const { DataFrame } = danfo();
  return new DataFrame(Object.fromEntries(resultColumns(result).map(({ name, cells }) => [name, [...cells]])));
}

/** Loaded on first use, since it takes over a second and brings TensorFlow along. */
function danfo(): typeof import("danfojs-node") {
  return createRequire(__filename)("danfojs-node") as typeof import("danfojs-node");
}
