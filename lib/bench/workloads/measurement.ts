/** One side of a comparison: a workload in a process of its own, ours or a peer's. */
export interface ComparisonSide {
  /** The program as a reader knows it. */
  readonly name: string;
  /** "node": a module of lib/bench/workloads. "python": a function of lib/bench/peers/workloads.py. */
  readonly runs: "node" | "python";
  readonly workload: string;
  readonly options?: Readonly<Record<string, number | string>>;
}

/** A comparison of two ways to do the same work. */
export interface ComparisonSetup {
  readonly id: string;
  readonly title: string;
  /** What a rate counts, such as "images". */
  readonly unit: string;
  readonly ours: ComparisonSide;
  /** Null where only our own time is reported. */
  readonly theirs: ComparisonSide | null;
  /** Least ratio of the rates, ours to theirs, that is aimed at; null: reported alone. */
  readonly target: number | null;
  readonly rounds: number;
  readonly note?: string;
}

/** How our own cost grows: the same workload at several sizes. */
export interface Growth {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly workload: string;
  readonly sizes: readonly number[];
  readonly note?: string;
}

/** One timed round: seconds for a number of units. */
export interface Round {
  readonly seconds: number;
  readonly units: number;
}

/** What a workload's module gives: made once, untimed, then run again and again. */
export interface Workload {
  /** Does the work; `seconds` only where the whole round is not the time that counts. */
  readonly round: () => Promise<{ readonly units: number; readonly seconds?: number }>;
  /** The most memory the work took, in bytes, where another process does it; null where it is not known. */
  readonly peakBytes?: () => number | null;
}
