import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../core/artifacts/store";
import { jsonText } from "../core/hash";
import { InputError } from "../core/input-error";
import { benchFolder } from "../core/paths";

/** What a side reached. */
export interface SideResult {
  readonly name: string;
  /** Units a second: the median of the rounds. */
  readonly rate: number;
  /** Units a second of every round. */
  readonly rounds: readonly number[];
  /** The most bytes of memory that its process ever held; null if that is not known. */
  readonly peakBytes: number | null;
}

/** When and by which commit a number was made. */
interface Origin {
  readonly date: string;
  readonly commit: string | null;
}

/** The outcome of one comparison, with the names and the target of its declaration. */
export interface Comparison extends Origin {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly ours: SideResult;
  readonly theirs: SideResult | null;
  /**
   * How fast every way of either side was when the fastest was chosen; absent if there was no
   * choice.
   */
  readonly tried?: readonly Trial[];
  /** Our rate over theirs. */
  readonly ratio: number | null;
  readonly target: number | null;
  /** The most memory that was aimed at, as a multiple of the peer's. */
  readonly memoryTarget?: number;
  readonly note?: string;
}

/** One way to do the work, tried before the comparison. */
export interface Trial {
  readonly side: "ours" | "theirs";
  readonly name: string;
  /** Units a second; null if it could not be run here. */
  readonly rate: number | null;
}

/** How the cost of a workload of ours grew with its size. */
export interface GrowthResult extends Origin {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly points: readonly { readonly size: number; readonly seconds: number; readonly peakBytes: number | null }[];
  readonly note?: string;
}

/** Everything measured on one machine. */
export interface BenchResult {
  readonly platform: string;
  readonly device: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Of Node, TensorFlow and the peers. */
  readonly versions: Readonly<Record<string, string>>;
  readonly comparisons: readonly Comparison[];
  readonly growths: readonly GrowthResult[];
}

const text = z.string().min(1);
const number = z.number().transform((value) => Number(value.toPrecision(5)));
const bytes = z.int().min(1).nullable();

const side = z.strictObject({ name: text, rate: number, rounds: z.array(number).min(1), peakBytes: bytes });

const trial = z.strictObject({ side: z.enum(["ours", "theirs"]), name: text, rate: number.nullable() });

const origin = { date: text, commit: text.nullable() };

const comparison = z.strictObject({
  id: text,
  title: text,
  unit: text,
  ours: side,
  theirs: side.nullable(),
  tried: z.array(trial).exactOptional(),
  ratio: number.nullable(),
  target: number.nullable(),
  memoryTarget: z.number().exactOptional(),
  note: text.exactOptional(),
  ...origin,
});

const point = z.strictObject({ size: z.int().min(1), seconds: number, peakBytes: bytes });

/** Older files hold a fitted exponent too, which is left out. */
const growth = z.object({
  id: text,
  title: text,
  unit: text,
  points: z.array(point).min(2),
  note: text.exactOptional(),
  ...origin,
});

const benchResult = z.strictObject({
  platform: text,
  device: text,
  cores: z.int().min(1),
  memoryGiB: z.number(),
  versions: z.record(text, text),
  comparisons: z.array(comparison),
  growths: z.array(growth),
});

/**
 * The exponent b of seconds = a size^b between the two largest sizes, where what a start costs
 * counts least.
 */
export function exponentOf({ points }: Pick<GrowthResult, "points">): number {
  const [before, last] = points.slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  return Math.log(last.seconds / before.seconds) / Math.log(last.size / before.size);
}

/** The file of the benchmark's numbers. */
export function benchPath(): string {
  return join(benchFolder(), "bench.json");
}

/**
 * The stored numbers; null before the first run. Throws InputError if the file holds anything else.
 */
export function readBench(path: string = benchPath()): BenchResult | null {
  if (!existsSync(path)) return null;
  try {
    return benchResult.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new InputError({ file: path, fault: "is not a benchmark", remedy: "remove it and run npm run bench", cause });
  }
}

/** Writes the numbers, rounded; equal numbers give equal bytes. */
export function writeBench(result: BenchResult, path: string = benchPath()): void {
  writeAtomically(path, jsonText(benchResult.parse(result)));
}
