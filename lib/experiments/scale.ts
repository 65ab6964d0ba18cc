import type { RunChoices } from "../core/paths";
import type { Table } from "./table";

/** More repetitions than this tell little more; the official results are single runs. */
export const maximumSeeds = 10;

/** The scale, its data in words, and the seeds 0 .. n - 1 of a run. Throws RangeError on a scale the table lacks or a seed count out of range. */
export function scaleOf(
  table: Table,
  { scale, seeds }: Pick<RunChoices, "scale" | "seeds">,
): { readonly scale: string; readonly dataset: string; readonly seeds: readonly number[] } {
  const declared = table.scales[scale];
  if (declared === undefined) {
    throw new RangeError(`scale ${scale}: table ${table.id} runs at ${Object.keys(table.scales).join(", ")}`);
  }
  const count = seeds ?? declared.seeds;
  if (!(Number.isInteger(count) && count >= 1 && count <= maximumSeeds)) {
    throw new RangeError(`${count} seeds: a whole number from 1 to ${maximumSeeds} is allowed`);
  }
  return { scale, dataset: declared.dataset, seeds: Array.from({ length: count }, (_, seed) => seed) };
}
