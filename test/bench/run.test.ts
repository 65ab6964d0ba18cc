import { describe, expect, test } from "vitest";
import { alternated, fittedExponent, medianRate } from "../../lib/bench/run";
import type { SideProcess } from "../../lib/bench/side-process";

/** A side whose rounds take the given seconds, and which writes its name into `log`. */
function madeUpSide(name: string, seconds: readonly number[], log: string[]): SideProcess {
  let round = 0;
  return {
    round: async () => {
      log.push(name);
      return { seconds: seconds[round++] ?? Number.NaN, units: 10 };
    },
    end: async () => {
      log.push(`${name} ended`);
      return name === "ours" ? 1000 : null;
    },
    kill: () => undefined,
  };
}

test("sides take turns, and end after the last round", async () => {
  const log: string[] = [];
  const sides = [madeUpSide("ours", [1, 2], log), madeUpSide("theirs", [3, 4], log)];
  const done: number[] = [];
  const timed = await alternated(sides, 2, (count) => done.push(count));
  expect(log).toEqual(["ours", "theirs", "ours", "theirs", "ours ended", "theirs ended"]);
  expect(done).toEqual([1, 2, 3, 4]);
  expect(timed.map(({ rounds }) => rounds.map(({ seconds }) => seconds))).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(timed.map(({ peakBytes }) => peakBytes)).toEqual([1000, null]);
});

describe("the median rate", () => {
  const rounds = (...seconds: number[]) => seconds.map((each) => ({ seconds: each, units: 60 }));

  test("is the middle one of an odd count, whatever the order", () => {
    expect(medianRate(rounds(1, 6, 2))).toBe(30);
  });

  test("lies between the middle two of an even count", () => {
    expect(medianRate(rounds(1, 2, 3, 60))).toBe(25);
  });
});

test("the fitted exponent is that of a power", () => {
  const points = [10, 100, 3000].map((x) => ({ x, y: 7 * x ** 1.75 }));
  expect(fittedExponent(points)).toBeCloseTo(1.75, 10);
});
