import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Request, request, type Step } from "../../lib/core/artifacts/step";
import {
  chosenTable,
  currentScale,
  runChoices,
  runProgress,
  scaleOf,
  settingsOf,
  untilInterrupted,
} from "../../lib/experiments/run-options";
import { toyTable } from "./toy-table";
import { toyUpdates } from "./toy-updates";

const names = ["SCALE", "SEEDS", "COMPUTE", "FORCE", "EXTEND", "TABLE", "PRECISION", "PROGRESS"].map(
  (name) => `FCT_${name}`,
);

beforeEach(() => {
  for (const name of names) vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Puts settings into the environment, as a kernel gets them. */
function surroundWith(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
}

describe("the choices of a run", () => {
  const defaults = {
    scale: "quick",
    seeds: null,
    compute: false,
    force: false,
    extend: false,
    table: null,
    precision: "float32",
    images: null,
    progress: "notebook",
  };

  test("have defaults, whether a variable is unset or empty", () => {
    expect(runChoices()).toEqual(defaults);
    for (const name of names) vi.stubEnv(name, undefined);
    expect(runChoices()).toEqual(defaults);
    expect(currentScale()).toBe("quick");
  });

  test("are read from environment variables", () => {
    surroundWith({ FCT_SCALE: "laptop", FCT_SEEDS: "3", FCT_COMPUTE: "1", FCT_FORCE: "1", FCT_TABLE: "main" });
    surroundWith({ FCT_EXTEND: "1", FCT_PRECISION: "bfloat16", FCT_PROGRESS: "log" });
    const read = { scale: "laptop", seeds: 3, compute: true, force: true, table: "main", progress: "log" };
    expect(runChoices()).toEqual({ ...read, extend: true, precision: "bfloat16", images: null });
    expect(currentScale()).toBe("laptop");
  });

  test.each([
    { scale: "quick", seeds: null, force: false, table: null },
    { scale: "laptop", seeds: 2, force: true, table: "losses", precision: "bfloat16" as const, extend: true },
    { scale: "quick", images: { path: "/birds", side: 64, disjoint: true } },
  ])("reach the kernel as the command line made them: %j", (choices) => {
    surroundWith(settingsOf(choices));
    expect(runChoices()).toMatchObject({ ...choices, compute: true });
  });

  test("that were not made on the command line are not taken from its surroundings", () => {
    surroundWith({ FCT_SEEDS: "9", FCT_FORCE: "1" });
    surroundWith(settingsOf({ scale: "quick" }));
    expect(runChoices()).toMatchObject({ seeds: null, force: false });
  });

  test.each(["0", "-1", "1.5", "1e1", "three", " 1", "01"])("refuse FCT_SEEDS=%s, naming it", (value) => {
    vi.stubEnv("FCT_SEEDS", value);
    expect(runChoices).toThrow(new RangeError(`FCT_SEEDS: expected a whole number of at least 1, got ${value}`));
  });

  test("refuse an unknown place for progress, naming the known ones", () => {
    vi.stubEnv("FCT_PROGRESS", "window");
    expect(runChoices).toThrow(/FCT_PROGRESS.*terminal, log, notebook.*window/);
  });
});

describe("a scale", () => {
  test("gives its dataset and seeds from 0, by its own number or the one asked for", () => {
    expect(scaleOf(toyTable, { scale: "tiny", seeds: null })).toEqual({
      scale: "tiny",
      dataset: "drawn shapes",
      seeds: [0, 1],
    });
    expect(scaleOf(toyTable, { scale: "tiny", seeds: 3 }).seeds).toEqual([0, 1, 2]);
  });

  test("that the table lacks is refused, with those it has", () => {
    expect(() => scaleOf(toyTable, { scale: "huge", seeds: 1 })).toThrow(/table toy.*tiny, other.*huge/);
  });

  test.each([0, -1, 11, 1.5, Number.NaN])("with %d seeds is refused", (seeds) => {
    const message = `seeds: expected a whole number from 1 to 10, got ${seeds}`;
    expect(() => scaleOf(toyTable, { scale: "tiny", seeds })).toThrow(new RangeError(message));
  });
});

describe("a notebook of several tables", () => {
  test("shows the chosen one, or else its first", () => {
    expect(chosenTable([toyTable, toyUpdates])).toBe(toyTable);
    vi.stubEnv("FCT_TABLE", "toy-updates");
    expect(chosenTable([toyTable, toyUpdates])).toBe(toyUpdates);
  });

  test("refuses a table that it cannot show, naming those it can", () => {
    vi.stubEnv("FCT_TABLE", "main");
    expect(() => chosenTable([toyTable, toyUpdates])).toThrow(/toy, toy-updates.*main/);
  });
});

test("an interrupt aborts the work, and nobody listens for another one afterwards", async () => {
  const before = process.listeners("SIGINT");
  const work = untilInterrupted(
    (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const added = process.listeners("SIGINT").filter((listener) => !before.includes(listener));
  expect(added).toHaveLength(1);
  added[0]?.("SIGINT");
  await expect(work).rejects.toThrow(/interrupted.*run again/);
  expect(process.listeners("SIGINT")).toEqual(before);
});

test("progress tells the pieces done of all, the running one and the time left for all that is pending", () => {
  vi.useFakeTimers();
  const step: Step<number> = {
    kind: "toy",
    version: 1,
    inputs: () => [],
    label: (cost) => `step of ${cost}`,
    cost: (cost) => cost,
    slowness: (cost) => (cost === 3 ? 2 : 1),
    run: async () => ({ arrays: {}, facts: {} }),
  };
  const [cached, ...pending] = [2, 1, 3].map((cost) => request(step, cost)) as [Request, Request, Request];
  const shown: string[] = [];
  const line = { show: (text: string) => void shown.push(text), keep: (text: string) => void shown.push(text) };
  const { started, finished, progress, warn } = runProgress(line, [cached, ...pending], pending);
  started(pending[0]);
  vi.advanceTimersByTime(5_000);
  progress.report(0, "begun");
  vi.advanceTimersByTime(10_000);
  progress.report(0.5, "half");
  vi.advanceTimersByTime(10_000);
  finished(pending[0]);
  started(pending[1]);
  vi.advanceTimersByTime(5_000);
  progress.report(0, "begun");
  vi.advanceTimersByTime(40_000);
  progress.report(1 / 3, "a third");
  warn("a file is damaged");
  vi.useRealTimers();
  expect(shown).toEqual([
    "1/3 pieces · step of 1 · loading data and building the graph ...",
    "1/3 pieces · step of 1 · begun",
    "1/3 pieces · step of 1 · half · 2:15 left",
    "2/3 pieces · step of 1: done in 0:25",
    "2/3 pieces · step of 3 · loading data and building the graph ...",
    "2/3 pieces · step of 3 · begun · 2:00 left",
    "2/3 pieces · step of 3 · a third · 1:20 left",
    "warning: a file is damaged",
  ]);
});
