import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { growthFigure } from "../../lib/bench/figures/growth";
import { ratioFigure } from "../../lib/bench/figures/ratio";
import { benchMarkdown, isReached } from "../../lib/bench/report";
import { type BenchResult, type Comparison, readBench, writeBench } from "../../lib/bench/result";
import { temporaryFolder } from "../temporary-folder";

const origin = { date: "2026-01-02T03:04:05.678Z", commit: "abc" };
const side = (name: string, rate: number) => ({ name, rate, rounds: [rate], peakBytes: 3 * 2 ** 20 });

const faster: Comparison = {
  id: "a",
  title: "a step",
  unit: "images",
  ours: side("this library", 1500),
  theirs: side("a peer", 1000),
  ratio: 1.5,
  target: 1,
  note: "said so",
  ...origin,
};

const madeUp: BenchResult = {
  platform: "linux x64",
  device: "a processor",
  cores: 2,
  memoryGiB: 24,
  versions: { node: "v20", torch: "2" },
  comparisons: [
    faster,
    { ...faster, id: "b", title: "a slow step", ratio: 0.25, ours: side("this library", 250) },
    { ...faster, id: "c", title: "alone", ours: side("this library", 0.2), theirs: null, ratio: null, target: null },
  ],
  growths: [
    {
      id: "d",
      title: "growing",
      unit: "items",
      points: [
        { size: 1, seconds: 1, peakBytes: null },
        { size: 10, seconds: 1, peakBytes: null },
        { size: 1000, seconds: 100, peakBytes: 2 ** 20 },
      ],
      ...origin,
    },
  ],
};

test("a benchmark is read as it was written", () => {
  const path = join(temporaryFolder(), "bench.json");
  expect(readBench(path)).toBeNull();
  writeBench(madeUp, path);
  expect(readBench(path)).toEqual(madeUp);
  writeFileSync(path, readFileSync(path, "utf8").slice(0, -20));
  expect(() => readBench(path)).toThrow(`${path}: is not a benchmark`);
});

test("reached is what is at least as fast as aimed at", () => {
  expect(madeUp.comparisons.map(isReached)).toEqual([true, false, null]);
  expect(isReached({ ...faster, ratio: 1, target: 1 })).toBe(true);
  const start = { ...faster, id: "kernel-start", theirs: null, ratio: null, target: null };
  expect([0.3, 0.5].map((rate) => isReached({ ...start, ours: side("this library", rate) }))).toEqual([false, true]);
  expect(benchMarkdown({ ...madeUp, comparisons: [{ ...start, ours: side("this library", 0.2) }] })).toContain(
    "| 5.00 s | – | – | – | at most 2.5 s | **no** |",
  );
});

describe("the report", () => {
  const text = benchMarkdown(madeUp);

  test("has a row a comparison", () => {
    expect(text).toContain(
      "| a step | 1,500 images/s | a peer | 1,000 images/s | 1.50 x | 1.00 x | yes | 3 / 3 | 1.00 x | – |",
    );
    expect(text).toContain(
      "| a slow step | 250 images/s | a peer | 1,000 images/s | 0.25 x | 1.00 x | **no** | 3 / 3 | 1.00 x | – |",
    );
    expect(text).toContain("| alone | 5.00 s | – | – | – | – | – | 3 / – | – | – |");
  });

  test("names the fastest ways, all that were tried, and memory above what is aimed at", () => {
    const tried = [
      { side: "ours", name: "float32", rate: 1500 },
      { side: "ours", name: "bfloat16", rate: 1234.5 },
      { side: "theirs", name: "plain", rate: 1000 },
      { side: "theirs", name: "compiled", rate: null },
    ] as const;
    const memory = { ...side("plain", 1000), peakBytes: 2 * 2 ** 20 };
    const choice = { ...faster, ours: side("float32", 1500), theirs: memory, tried, memoryTarget: 1.25 };
    const chosen = benchMarkdown({ ...madeUp, comparisons: [choice] });
    expect(chosen).toContain("| a step | 1,500 images/s, float32 | plain | 1,000 images/s |");
    expect(chosen).toContain("| 3 / 2 | **1.50 x** | 1.25 x |");
    expect(chosen).toContain("| a step, images/s | float32 1,500; bfloat16 1,230 | plain 1,000; compiled – |");
  });

  test("has a row a growth, the machine and the notes", () => {
    expect(text).toContain("| growing | 1: 1.00; 10: 1.00; 1,000: 100 | 1.00 | – / – / 1 |");
    expect(text).toContain("a processor, 2 cores, 24 GiB, linux x64; node v20, torch 2.");
    expect(text).toContain("- a step: said so.");
  });
});

test("the figures show what has a peer, and every size", () => {
  const { data, layout } = ratioFigure(madeUp);
  expect(data.map(({ name, x, y }) => [name, x, y])).toEqual([
    ["as fast as aimed at", [1.5], [layout.yaxis?.tickvals?.[0]]],
    ["slower than aimed at", [0.25], [layout.yaxis?.tickvals?.[1]]],
  ]);
  expect(layout.annotations?.map(({ text }) => text)).toEqual(["1.50 ×", "0.25 ×"]);
  expect(growthFigure(madeUp).data.map(({ x, y }) => [x, y])).toEqual([
    [
      [1, 10, 1000],
      [1, 1, 100],
    ],
  ]);
});
