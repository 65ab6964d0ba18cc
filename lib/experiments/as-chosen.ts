import { onOwnImages } from "./on-own-images";
import type { RunChoices } from "./run-options";
import { atPrecision, type Table } from "./table";

/**
 * The table that the choices of a run make of a declared one: on a user's own images, and at a
 * precision. One that differs from the declared has an id of its own, and is never committed.
 */
export async function asChosen(
  table: Table,
  { images, precision }: Pick<RunChoices, "images" | "precision">,
  warn: (message: string) => void = console.warn,
): Promise<Table> {
  return atPrecision(await onOwnImages(table, images, warn), precision);
}
