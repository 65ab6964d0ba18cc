import type { Measure, QueriesRecord, Summary, TableResult } from "../results/result";
import type { LanguageRow, ReportedUpdate } from "./language-table";

/** A row of a result: what it measures, over the seeds, with intervals over seeds and samples. */
export interface LanguageResultRow extends Pick<LanguageRow, "id" | "label" | "group"> {
  /** The rows of v1, whose right answers may break, and of v2, whose flips are compared. */
  readonly before: string;
  readonly next: string;
  /** By id of the result's measures; one that does not apply to the row's task is absent. */
  readonly details: Readonly<Record<string, Summary>>;
  /** Questions of all seeds of which several choices were the likeliest; the first was taken. */
  readonly ties: number;
  /** Prompts of all seeds that did not fit into the context and lost their beginning. */
  readonly cut: number;
}

/** What a run of a table of language models gives; plain data, kept as JSON. */
export interface LanguageResult extends Pick<TableResult, "table" | "title" | "scale" | "dataset" | "seeds" | "run"> {
  readonly kind: "language";
  /** Hash of all that the result depends on; it no longer matches once the table has changed. */
  readonly fingerprint: string;
  readonly measures: readonly Measure[];
  readonly rows: readonly LanguageResultRow[];
  readonly notes: readonly string[];
  readonly reported: readonly ReportedUpdate[];
  /** The file with the answer to every sample (see sample-scores.ts). */
  readonly queries: QueriesRecord;
}

/** What a run of any table gives. */
export type AnyResult = TableResult | LanguageResult;

export function isOfLanguage(result: AnyResult): result is LanguageResult {
  return "kind" in result;
}
