import { describe, expect, test } from "vitest";
import { exponentOf } from "../../lib/bench/result";
import { compare, grow } from "../../lib/bench/run";
import type { SideProcess } from "../../lib/bench/side-process";
import type { ComparisonSetup, ComparisonSide } from "../../lib/bench/workloads/measurement";

const side = (name: string): ComparisonSide => ({ name, runs: "node", workload: name });

const setup: ComparisonSetup = {
  id: "a",
  title: "a step",
  unit: "images",
  ours: [side("ours")],
  theirs: [side("theirs")],
  target: 2,
  rounds: 3,
  note: "said so",
};

/** Sides whose rounds of 60 units take the given seconds, one list for each start; all is noted in `log`. */
function madeUpSides(seconds: readonly (readonly number[])[]) {
  const log: string[] = [];
  const starts = seconds.values();
  const start = async ({ name, options }: ComparisonSide): Promise<SideProcess> => {
    const rounds = [...(starts.next().value ?? [])];
    log.push(`${name} starts${options === undefined ? "" : ` with ${JSON.stringify(options)}`}`);
    return {
      round: async () => {
        log.push(name);
        const next = rounds.shift();
        if (next === undefined) throw new Error(`${name}: it ended`);
        return { seconds: next, units: 60 };
      },
      end: async () => {
        log.push(`${name} ends`);
        return name === "ours" ? 1000 : null;
      },
      kill: () => void log.push(`${name} is gone`),
    };
  };
  return { log, start, pauseMs: 0 };
}

describe("a comparison", () => {
  test("lets the sides take turns, and ends both after the last round", async () => {
    const { log, ...options } = madeUpSides([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const heard: number[] = [];
    await compare(setup, { ...options, onProgress: (share) => heard.push(share) });
    const turn = ["ours", "theirs"];
    const ending = ["ours ends", "theirs ends", "ours is gone", "theirs is gone"];
    expect(log).toEqual(["ours starts", "theirs starts", ...turn, ...turn, ...turn, ...ending]);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6].map((done) => done / 6));
  });

  test("gives the median rates, their ratio and what was declared", async () => {
    const { start, pauseMs } = madeUpSides([
      [1, 60, 2],
      [6, 4, 3],
    ]);
    expect(await compare(setup, { start, pauseMs })).toEqual({
      id: "a",
      title: "a step",
      unit: "images",
      ours: { name: "ours", rate: 30, rounds: [60, 1, 30], peakBytes: 1000 },
      theirs: { name: "theirs", rate: 15, rounds: [10, 15, 20], peakBytes: null },
      ratio: 2,
      target: 2,
      note: "said so",
    });
  });

  test("without a peer has no ratio", async () => {
    const { start, pauseMs } = madeUpSides([[1, 2, 3]]);
    const { note: _, ...alone } = setup;
    const found = await compare({ ...alone, theirs: [] }, { start, pauseMs });
    expect([found.theirs, found.ratio, "note" in found]).toEqual([null, null, false]);
  });

  test("leaves no side running if one dies", async () => {
    const { log, start, pauseMs } = madeUpSides([
      [1, 2, 3],
      [4, 5],
    ]);
    await expect(compare(setup, { start, pauseMs })).rejects.toThrow("theirs: it ended");
    expect(log.slice(-2)).toEqual(["ours is gone", "theirs is gone"]);
  });
});

describe("of several ways", () => {
  const ways = { ...setup, ours: [side("ours")], theirs: [side("plain"), side("broken"), side("compiled")] };

  test("the fastest of each side is compared, after every way was tried on its own", async () => {
    const { log, ...options } = madeUpSides([[6, 6], [], [3, 3], [1, 1, 1], [2, 2, 2]]);
    const heard: number[] = [];
    const found = await compare(ways, { ...options, onProgress: (share) => heard.push(share) });
    expect([found.theirs?.name, found.theirs?.rate, found.ratio]).toEqual(["compiled", 30, 2]);
    expect(found.tried).toEqual([
      { side: "theirs", name: "plain", rate: 10 },
      { side: "theirs", name: "broken", rate: null },
      { side: "theirs", name: "compiled", rate: 20 },
    ]);
    expect(log.slice(0, 5)).toEqual(["plain starts", "plain", "plain", "plain ends", "plain is gone"]);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
    expect(heard.at(-1)).toBe(1);
  });

  test("says why if none can be run", async () => {
    const { start, pauseMs } = madeUpSides([[], [], []]);
    await expect(compare(ways, { start, pauseMs })).rejects.toThrow(/a: plain: it ended\nbroken: it ended/);
  });
});

describe("a growth", () => {
  const growth = { id: "g", title: "growing", unit: "items", workload: "evaluation", sizes: [10, 100, 3000] };

  test("has a point for each size, and the exponent of a power", async () => {
    const seconds = growth.sizes.map((size) => 7 * size ** 1.75);
    const { start, pauseMs } = madeUpSides(seconds.map((each) => [each]));
    const heard: number[] = [];
    const found = await grow(growth, { start, pauseMs, onProgress: (share) => heard.push(share) });
    expect(found.points.map(({ size, seconds: taken }) => [size, taken])).toEqual(
      growth.sizes.map((size, index) => [size, seconds[index]]),
    );
    expect(exponentOf(found)).toBeCloseTo(1.75, 10);
    expect(heard).toEqual([1 / 3, 2 / 3, 1]);
  });

  test("starts a side of its own at every size, one after the other", async () => {
    const { log, start, pauseMs } = madeUpSides([[1], [2], [3]]);
    await grow(growth, { start, pauseMs });
    const name = "this library";
    expect(log).toEqual(
      growth.sizes.flatMap((items) => [
        `${name} starts with ${JSON.stringify({ items })}`,
        name,
        `${name} ends`,
        `${name} is gone`,
      ]),
    );
  });
});
