import type { Environment } from "../../core/environment";

/** The three retrieval metrics of the paper's tables, in percent. */
export type MetricName = "top1" | "top5" | "mAP";

/** Mean and sample standard deviation over n seeds; sd is null when n is 1. */
export interface Summary {
  readonly mean: number;
  readonly sd: number | null;
  readonly n: number;
}

/** What a publication printed for a row, in percent; null where it is not known here. */
export interface Reported {
  readonly source: string;
  readonly dataset: string;
  readonly top1: number | null;
  readonly top5: number | null;
  readonly mAP: number | null;
  /** Share of the gap closed derived from the same source, percent. */
  readonly gapClosed: number | null;
}

/** A measured column beside the three metrics: its key in `ResultRow.details`, its title with the unit, decimals when printed. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly decimals: number;
}

/** A partial backfill: the metrics, percent, means over the seeds, when these shares (0 to 1) of the gallery are the new model's own. */
export interface Curve extends Readonly<Record<MetricName, readonly number[]>> {
  readonly shares: readonly number[];
}

/** Where a row stands in a matrix of query models (rows) by gallery models (columns); one matrix a panel. */
export interface Cell {
  readonly panel: string;
  readonly row: string;
  readonly column: string;
}

export interface ResultRow {
  readonly id: string;
  readonly label: string;
  /** The update that the row belongs to, where a table has several: a heading over its rows. */
  readonly group?: string;
  readonly metrics: Readonly<Record<MetricName, Summary>>;
  /** The metrics of each seed, in the order of `TableResult.seeds`. */
  readonly perSeed: readonly Readonly<Record<MetricName, number>>[];
  /** (M(new/h(old)) - M(old/old)) / (M(new/new) - M(old/old)) of the means, percent; null where the row is no update of the old gallery or new is no better. */
  readonly gapClosed: Readonly<Record<MetricName, number | null>>;
  readonly reported: readonly Reported[];
  /** By id of the result's measures; a measure that does not apply to the row is absent. */
  readonly details?: Readonly<Record<string, Summary>>;
  /** For a row that backfills: its metrics are then the means of the curve (AUC). */
  readonly curve?: Curve;
  readonly cell?: Cell;
}

/** One training's loss by epoch, for the training curves. */
export interface History {
  readonly label: string;
  readonly seed: number;
  readonly loss: readonly number[];
}

export interface TableResult {
  readonly table: string;
  readonly title: string;
  readonly scale: string;
  /** What was measured on, in a reader's words. */
  readonly dataset: string;
  /** Hash of the declaration (rows, models, recipes, step versions): a result whose table has changed since does not match. */
  readonly fingerprint: string;
  readonly seeds: readonly number[];
  /** Columns beside the metrics. */
  readonly measures?: readonly Measure[];
  readonly rows: readonly ResultRow[];
  /** What a reader must know of the rows, such as why a method cannot be among them. */
  readonly notes?: readonly string[];
  readonly histories: readonly History[];
  readonly run: { readonly date: string; readonly trainingSeconds: number; readonly environment: Environment };
}
