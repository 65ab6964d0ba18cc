/** One side of a comparison: a workload of ours or a peer's, in its own process. */
export interface ComparisonSide {
  /** What readers call the program. */
  readonly name: string;
  /** "node": from lib/bench/workloads/workloads.ts; "python": from lib/bench/peers/workloads.py. */
  readonly runs: "node" | "python";
  readonly workload: string;
  readonly options?: Readonly<Record<string, number | string>>;
}

/** Two ways to do the same work. */
export interface ComparisonSetup {
  readonly id: string;
  readonly title: string;
  /** What a rate counts, such as "images". */
  readonly unit: string;
  /** Our ways to do it. Each is tried, and the fastest is compared. */
  readonly ours: readonly ComparisonSide[];
  /** The peer's ways, likewise; empty if only our own time is reported. */
  readonly theirs: readonly ComparisonSide[];
  /** The least ratio of our rate to theirs that is aimed at; null if none is. */
  readonly target: number | null;
  /** The most seconds a unit that are aimed at where there is no peer. */
  readonly mostSeconds?: number;
  /** The most memory that is aimed at, as a multiple of the peer's; absent if nothing is. */
  readonly memoryTarget?: number;
  readonly rounds: number;
  readonly note?: string;
}

/** One workload of ours at several sizes. */
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

/** Work that was set up, untimed, and can be done again and again. */
export interface Workload {
  /** Does the work once. `seconds` is present if not all of the time counts. */
  readonly round: () => Promise<{ readonly units: number; readonly seconds?: number }>;
  /** If another process does the work: its peak memory in bytes, null if that is not known. */
  readonly peakBytes?: () => number | null;
}
