import type { Reported } from "./result";
import type { Evaluation } from "./work";

/** A row: who searches what, and what publications printed for it. */
export interface Row extends Evaluation {
  /** Stable name of the row in result files. */
  readonly id: string;
  readonly label: string;
  readonly reported: readonly Reported[];
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
  /** The rows between which the gap is measured: M(old/old) and M(new/new). */
  readonly gap: { readonly from: string; readonly to: string };
}
