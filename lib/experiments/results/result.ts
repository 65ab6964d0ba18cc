import type { Environment } from "../../core/environment";

/** The three retrieval metrics of the paper's tables, in percent. */
export type MetricName = "top1" | "top5" | "mAP";

/** The metrics of one evaluation, in percent. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** Mean and sample standard deviation over n seeds; sd is null when n is 1. */
export interface Summary {
  readonly mean: number;
  readonly sd: number | null;
  readonly n: number;
  /** Of a metric whose queries are kept: its 95 % interval, over seeds and classes. */
  readonly interval?: readonly [low: number, high: number];
  /** Of a measure over several seeds: its value with each. */
  readonly values?: readonly number[];
}

/** What a publication printed for a row, in percent; null if it is not known here. */
export interface Reported {
  readonly source: string;
  readonly dataset: string;
  readonly top1: number | null;
  readonly top5: number | null;
  readonly mAP: number | null;
  /** The share of the gap closed, derived from the same source, in percent. */
  readonly gapClosed: number | null;
}

/** A column beside the metrics: key in `ResultRow.details`, title with unit, decimals shown. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly decimals: number;
}

/**
 * A partial backfill: the metrics in percent, means over the seeds, after these shares (0 to 1) of
 * the gallery have been re-embedded by the new model.
 */
export interface Curve extends Readonly<Record<MetricName, readonly number[]>> {
  readonly shares: readonly number[];
  /**
   * Of several seeds: the sample standard deviation of what each point lacks of the curve's end. A
   * seed that is better or worse for all orders alike does not count.
   */
  readonly sd?: Readonly<Record<MetricName, readonly number[]>>;
}

/** Where a row stands in a panel, a matrix of query models (rows) by gallery models (columns). */
export interface Cell {
  readonly panel: string;
  readonly row: string;
  readonly column: string;
}

/** A row of a result: its metrics over the seeds, and the share of the gap that it closes. */
export interface ResultRow {
  readonly id: string;
  readonly label: string;
  /** The update that the row belongs to, if a table has several: a heading over its rows. */
  readonly group?: string;
  readonly metrics: Readonly<Record<MetricName, Summary>>;
  /** The metrics of each seed, in the order of `TableResult.seeds`. */
  readonly perSeed: readonly Metrics[];
  /**
   * (M(new/h(old)) - M(old/old)) / (M(new/new) - M(old/old)) of the means, in percent. Null if the
   * row does not update the old gallery, or if the new model is no better than the old one.
   */
  readonly gapClosed: Readonly<Record<MetricName, number | null>>;
  /**
   * The 95 % intervals of these shares, if the queries are kept; null unless the gap's own interval
   * lies above zero.
   */
  readonly gapInterval?: Readonly<Record<MetricName, readonly [low: number, high: number] | null>>;
  readonly reported: readonly Reported[];
  /** By id of the result's measures; one that does not apply to the row is absent. */
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

/** A piece of work behind a result: what it was, and when, where and on which data it was done. */
export interface Piece {
  readonly label: string;
  /** The name of its artifact in the cache. */
  readonly key: string;
  readonly date: string;
  readonly seconds: number;
  /** The place of its environment, and with it of its commit, in `Making.environments`. */
  readonly environment: number;
  /** The place of the images that it read in `Making.datasets`, if it read any. */
  readonly dataset?: number;
}

/** When and where a result was computed. */
export interface Making {
  /** Of the newest piece of work, as is the environment. */
  readonly date: string;
  readonly trainingSeconds: number;
  readonly environment: Environment;
  /** Every environment that a piece of work was done in; absent in results of earlier versions. */
  readonly environments?: readonly Environment[];
  /** What the images that were read are known by, such as the hashes of their pixels. */
  readonly datasets?: readonly Readonly<Record<string, string>>[];
  readonly pieces?: readonly Piece[];
}

/** The file with the results of every query (see query-results.ts). */
export interface QueriesRecord {
  /** The name of the artifact in the cache that it is a copy of. */
  readonly key: string;
  /** The checksum that the file contains. */
  readonly sha256: string;
}

/** What a run of a table or of own rows gives; plain data, kept as JSON. */
export interface TableResult {
  readonly table: string;
  readonly title: string;
  readonly scale: string;
  /** How the dataset is described to readers. */
  readonly dataset: string;
  /** Hash of all that the result depends on; it no longer matches once the table has changed. */
  readonly fingerprint: string;
  readonly seeds: readonly number[];
  /** Columns beside the metrics. */
  readonly measures?: readonly Measure[];
  readonly rows: readonly ResultRow[];
  /** What a reader must know of the rows, such as why a method cannot be among them. */
  readonly notes?: readonly string[];
  readonly histories: readonly History[];
  /** Absent in results of earlier versions. */
  readonly queries?: QueriesRecord;
  readonly run: Making;
}
