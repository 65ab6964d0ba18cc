import type { BootstrapMean } from "../../retrieval/bootstrap";
import type { TableResult } from "../results/result";
import type { LanguageRow, ReportedUpdate } from "./language-table";
import type { UpdateMetrics } from "./update-metrics";

/** A row of a result: its metrics for each seed. */
export interface LanguageResultRow extends Pick<LanguageRow, "id" | "label" | "group"> {
  readonly perSeed: readonly UpdateMetrics[];
  /**
   * NFR less that of M_v2, in percent of the samples of all seeds, with its paired 95 % interval.
   */
  readonly change: BootstrapMean;
}

/** What a run of a table of language models gives; plain data. */
export interface LanguageResult {
  readonly table: string;
  readonly title: string;
  readonly scale: string;
  readonly dataset: string;
  readonly seeds: readonly number[];
  readonly rows: readonly LanguageResultRow[];
  readonly notes: readonly string[];
  readonly reported: readonly ReportedUpdate[];
  readonly run: TableResult["run"];
}
