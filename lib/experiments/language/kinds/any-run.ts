import { runTable } from "../../run";
import type { RunChoices } from "../../run-options";
import type { AnyResult } from "../language-result";
import { runLanguageTable } from "../run-language-table";
import { type AnyTable, isLanguageTable } from "./any-table";

/** Runs a table of either kind, as `runTable` and `runLanguageTable` do. */
export function runAnyTable(table: AnyTable, options: Partial<RunChoices> = {}): Promise<AnyResult> {
  return isLanguageTable(table) ? runLanguageTable(table, options) : runTable(table, options);
}
