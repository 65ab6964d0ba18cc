import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { growths } from "../../lib/bench/growths";
import { measurements } from "../../lib/bench/measurements";
import { type BenchResult, readBench, writeBench } from "../../lib/bench/result";
import { benchCommand } from "../../lib/cli/bench";
import { temporaryFolder } from "../temporary-folder";
import { refusal } from "./refusal";

vi.mock("../../lib/core/progress", async (original) => ({
  ...(await original<object>()),
  progressLine: () => ({ show: () => {}, keep: () => {} }),
}));

const ids = [...measurements, ...growths].map(({ id }) => id);
const [first = "", second = ""] = ids;
const growing = growths[0]?.id ?? "";

beforeEach(() => vi.stubEnv("FCT_RESULTS", temporaryFolder()));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Runs the command with sides that measure nothing, each at the given rate; `broken` ones die. */
async function bench(words: readonly string[], { rate = 10, broken = [] as readonly string[] } = {}) {
  const done: string[] = [];
  const prepare = vi.fn();
  const draw = vi.fn(async () => {});
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  const begin = (id: string, rounds: number): void => {
    if (broken.includes(id)) throw new Error("no memory");
    done.push(`${id} ${rounds}`);
  };
  const command = benchCommand({
    prepare,
    draw,
    compare: async ({ id, title, unit, target, rounds }) => {
      begin(id, rounds);
      const ours = { name: "this library", rate, rounds: [rate], peakBytes: null };
      return { id, title, unit, ours, theirs: null, ratio: null, target };
    },
    grow: async ({ id, title, unit, sizes }) => {
      begin(id, sizes.length);
      const points = sizes.map((size) => ({ size, seconds: size / rate, peakBytes: null }));
      return { id, title, unit, points };
    },
  });
  const failure = await command.parseAsync([...words], { from: "user" }).then(
    () => null,
    (error: Error) => error.message,
  );
  const printed = log.mock.calls.flat().join("\n");
  vi.restoreAllMocks();
  return { done, failure, printed, prepared: prepare.mock.calls.length, drawn: draw.mock.calls.length };
}

function stored(): BenchResult {
  const result = readBench();
  if (result === null) throw new Error("nothing is stored");
  return result;
}

function storedIds({ comparisons, growths: grown }: BenchResult = stored()): readonly string[] {
  return [...comparisons, ...grown].map(({ id }) => id);
}

const rateOf = (id: string): number | undefined => stored().comparisons.find((each) => each.id === id)?.ours.rate;

describe("bench refuses", () => {
  it.each([
    [["--only", "nothing"], new RegExp(`'nothing' is invalid. Allowed are .*${growing}`)],
    [["--only", first, "nothing"], /'nothing' is invalid/],
    [["--rounds", "0"], /'0' is invalid. A whole number of at least 1/],
    [["--rounds", "1.5"], /'1.5' is invalid/],
    [["--fast"], /unknown option '--fast'/],
    [["everything"], /too many arguments/],
  ])("%j, and says what is allowed", async (words, said) => {
    expect(await refusal(benchCommand(), words)).toMatch(said);
  });
});

it("--list prints every measurement with its title and does nothing", async () => {
  const { done, printed, prepared } = await bench(["--list"]);
  expect(printed.split("\n")).toEqual(
    [...measurements, ...growths].map(({ id, title }) => `${id.padEnd(24)} ${title}`),
  );
  expect([done, prepared, readBench()]).toEqual([[], 0, null]);
});

it("measures everything in the order of the declarations, stores it and prints and draws it", async () => {
  const { done, printed, failure, prepared, drawn } = await bench([]);
  expect(done.map((each) => each.split(" ")[0])).toEqual(ids);
  expect(storedIds()).toEqual(ids);
  expect([failure, prepared, drawn]).toEqual([null, 1, 1]);
  for (const { title } of measurements) expect(printed).toContain(`| ${title} | 10 `);
  expect(new Set(stored().comparisons.map(({ commit }) => commit)).size).toBe(1);
});

describe("a second run", () => {
  it("passes over what this commit has measured here, unless it is forced", async () => {
    await bench([], { broken: [second] });
    expect((await bench([], { rate: 20 })).done.map((each) => each.split(" ")[0])).toEqual([second]);
    expect([rateOf(first), rateOf(second)]).toEqual([10, 20]);
    expect((await bench([])).done).toEqual([]);
    expect((await bench(["--force"])).done.length).toBe(ids.length);
  });

  it("measures again what another commit measured", async () => {
    await bench([]);
    const before = stored();
    const comparisons = before.comparisons.map((each) => (each.id === first ? { ...each, commit: "older" } : each));
    writeBench({ ...before, comparisons });
    expect((await bench([])).done.map((each) => each.split(" ")[0])).toEqual([first]);
  });

  it("keeps nothing of another machine, nor what is no longer declared", async () => {
    await bench([]);
    const before = stored();
    const undeclared = before.comparisons.map((each) => (each.id === second ? { ...each, id: "undeclared" } : each));
    writeBench({ ...before, comparisons: undeclared });
    await bench(["--only", first]);
    expect(storedIds()).toEqual(ids.filter((id) => id !== second));
    for (const other of [{ device: "another processor" }, { cores: before.cores + 1 }, { memoryGiB: 1 }]) {
      writeBench({ ...before, ...other });
      await bench(["--only", first]);
      expect(storedIds()).toEqual([first]);
    }
  });
});

describe("--only", () => {
  it("measures these alone, even again, and keeps the others as they are", async () => {
    await bench([]);
    const { done } = await bench(["--only", growing, first], { rate: 20 });
    expect(done.map((each) => each.split(" ")[0])).toEqual([growing, first]);
    expect(storedIds()).toEqual(ids);
    expect([rateOf(first), rateOf(second)]).toEqual([20, 10]);
  });

  it("takes as many rounds as --rounds says, otherwise the measurement's own", async () => {
    expect((await bench(["--only", first, "--rounds", "2"])).done).toEqual([`${first} 2`]);
    expect((await bench(["--only", first])).done).toEqual([`${first} ${measurements[0]?.rounds}`]);
  });
});

it("goes on after a failure and names it at the end; what came out is stored", async () => {
  const { failure, drawn } = await bench(["--only", first, second], { broken: [first] });
  expect(failure).toBe(`1 of 2 failed\n${first}: no memory`);
  expect([storedIds(), drawn]).toEqual([[second], 1]);
});

it("draws and prints nothing if nothing came out", async () => {
  const { failure, drawn, printed } = await bench(["--only", first], { broken: [first] });
  expect([failure, drawn, printed]).toEqual([`1 of 1 failed\n${first}: no memory`, 0, ""]);
});

it("refuses stored numbers that it cannot read, rather than overwriting them", async () => {
  const path = join(process.env.FCT_RESULTS ?? "", "bench.json");
  writeFileSync(path, "{");
  const { failure } = await bench(["--only", first]);
  expect(failure).toMatch(/bench.json: is not a benchmark/);
  expect(readFileSync(path, "utf8")).toBe("{");
});
