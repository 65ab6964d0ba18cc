import type { Cell, Measure, Reported } from "./results/result";
import type { Evaluation } from "./steps/evaluation";
import type { Measurement } from "./steps/measurement";

/** The rows between which a gap is measured: M(old/old) and M(new/new). */
interface Gap {
  readonly from: string;
  readonly to: string;
}

/** A row: who searches what, and what publications printed for it. */
export interface Row extends Evaluation {
  /** Stable name of the row in result files. */
  readonly id: string;
  readonly label: string;
  readonly reported: readonly Reported[];
  /** The update the row belongs to, in a table of several. */
  readonly group?: string;
  /** The ends of the row's own gap where it is not the table's. */
  readonly gap?: Gap;
  readonly measurements?: readonly Measurement[];
  readonly cell?: Cell;
}

/** A scale that a table runs at. */
export interface TableScale {
  /** How many seeds a run has unless told otherwise. */
  readonly seeds: number;
  /** The data in a reader's words. */
  readonly dataset: string;
}

/** A table of the paper, declared as data: its rows at a scale and for a seed. */
export interface Table {
  readonly id: string;
  readonly title: string;
  /** Its notebook, a file's name in notebooks/ without the ending. */
  readonly notebook: string;
  readonly scales: Readonly<Record<string, TableScale>>;
  readonly rows: (scale: string, seed: number) => readonly Row[];
  /** The ends of the gap of rows that name none themselves; null where nothing is to be closed. */
  readonly gap: Gap | null;
  /** Columns beside the metrics, filled by the rows' measurements. */
  readonly measures?: readonly Measure[];
  /** What a reader must know of the rows. */
  readonly notes?: readonly string[];
}
