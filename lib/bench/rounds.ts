import { setTimeout } from "node:timers/promises";
import type { Round } from "./measurement";
import type { SideProcess } from "./side-process";

/** What a side did. */
export interface Timed {
  readonly rounds: readonly Round[];
  /** Null where it is not known. */
  readonly peakBytes: number | null;
}

/** Long enough for threads that wait busily to fall asleep. */
const pauseMs = 500;

/** Rounds of all sides in turn, with a pause before each, so that no side works while another is timed; then ends them. */
export async function alternated(
  sides: readonly SideProcess[],
  rounds: number,
  onRound: (done: number) => void = () => {},
): Promise<readonly Timed[]> {
  const timed = sides.map(() => [] as Round[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await setTimeout(pauseMs);
      timed[index]?.push(await side.round());
      onRound(round * sides.length + index + 1);
    }
  }
  const peaks = await Promise.all(sides.map((side) => side.end()));
  return timed.map((own, index) => ({ rounds: own, peakBytes: peaks[index] ?? null }));
}

/** Units a second: the median of the rounds. */
export function medianRate(rounds: readonly Round[]): number {
  const rates = rounds.map(({ seconds, units }) => units / seconds).sort((a, b) => a - b);
  const middle = rates.length / 2;
  return ((rates[Math.floor(middle - 0.5)] ?? Number.NaN) + (rates[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** The exponent b of y = a x^b by least squares of the logarithms. */
export function fittedExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const mean = (index: 0 | 1): number => logs.reduce((sum, log) => sum + log[index], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
