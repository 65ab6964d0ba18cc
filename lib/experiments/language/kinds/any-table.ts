import type { Request } from "../../../core/artifacts/step";
import { unexpected } from "../../../core/check";
import type { Precision } from "../../../tf/graph/precision";
import { asChosen } from "../../as-chosen";
import type { ChosenSteps, RunChoices } from "../../run-options";
import { type StoredResult, storedIn } from "../../stored-result";
import { atPrecision, type Table } from "../../table";
import { fingerprintOf, requestsOf, resultSource } from "../../table-work";
import type { AnyResult } from "../language-result";
import type { LanguageTable } from "../language-table";
import { languageFingerprint, languageRequests, languageSource } from "../language-work";

/** A table of retrieval or of language models. */
export type AnyTable = Table | LanguageTable;

export function isLanguageTable(table: AnyTable): table is LanguageTable {
  return "kind" in table;
}

/** The id of a table as it is declared, whatever images and precision were chosen. */
export function declaredId(table: AnyTable): string {
  return isLanguageTable(table) ? table.id : (table.formOf ?? table.id);
}

/** All that a table asks for, row by row. Throws RangeError as `requestsOf` does. */
export function anyRequests(table: AnyTable, chosen: ChosenSteps): readonly Request[] {
  return isLanguageTable(table) ? languageRequests(table, chosen) : requestsOf(table, chosen);
}

/** Hash of all that a result depends on. */
export function anyFingerprint(table: AnyTable, scale: string, seeds: readonly number[]): string {
  return isLanguageTable(table) ? languageFingerprint(table, scale, seeds) : fingerprintOf(table, scale, seeds);
}

/**
 * The result of a table below `folder`, the one of the committed results or of one's own runs; null
 * if there is none. Throws InputError if the file is damaged.
 */
export function storedResult(table: AnyTable, scale: string, folder: string): StoredResult<AnyResult> | null {
  return isLanguageTable(table)
    ? storedIn(languageSource(table), scale, folder)
    : storedIn(resultSource(table), scale, folder);
}

/**
 * The table that the choices of a run make of a declared one, as `asChosen`. Throws RangeError if
 * it is of language models, which take no images and whose recipes have no precision but float32.
 */
export async function anyAsChosen(
  table: AnyTable,
  choices: Pick<RunChoices, "images" | "precision">,
  warn?: (message: string) => void,
): Promise<AnyTable> {
  if (!isLanguageTable(table)) return asChosen(table, choices, warn);
  if (choices.images !== null) throw unexpected("table on own images", "main", table.id);
  return anyAtPrecision(table, choices.precision);
}

/** A table at a precision. Throws RangeError if it is of language models and has no such one. */
export function anyAtPrecision(table: AnyTable, precision: Precision): AnyTable {
  if (!isLanguageTable(table)) return atPrecision(table, precision);
  if (precision === "float32") return table;
  throw unexpected(`precision of table ${table.id}`, "float32, which language models compute in", precision);
}
