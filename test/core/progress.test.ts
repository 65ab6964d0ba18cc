import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { clock, type ProgressPlace, progressLine, rowProgress, timeLeft } from "../../lib/core/progress";

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  [0, "0:00"],
  [59.4, "0:59"],
  [59.6, "1:00"],
  [65, "1:05"],
  [3599, "59:59"],
  [3600, "1:00:00"],
  [7387, "2:03:07"],
  [-3, "0:00"],
])("%d seconds read %s", (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});

test("the time left is that of the rest at the pace so far, and unknown before any is done", () => {
  vi.spyOn(performance, "now").mockReturnValue(61_000);
  expect(timeLeft({ start: 1000, done: 2, rest: 3 })).toBe(" · 1:30 left");
  expect(timeLeft({ start: 1000, done: 0.5, rest: 0 })).toBe(" · 0:00 left");
  expect(timeLeft({ start: 1000, done: 0, rest: 3 })).toBe("");
});

test("rows are shown with their speed and the time left, and a last line is kept", () => {
  const shown: string[] = [];
  const kept: string[] = [];
  const line = { show: (text: string) => shown.push(text), keep: (text: string) => kept.push(text) };
  const report = rowProgress(line, { words: "a.npy: rows", total: 1000, from: 100 });
  report(100);
  report(500);
  expect(shown[0]).toBe("a.npy: rows 100/1000");
  expect(shown[1]).toMatch(/^a\.npy: rows 500\/1000 · \d+\/s · \d+:\d\d left$/);
  expect(kept).toEqual([]);
  report(1000);
  expect(kept).toEqual(["a.npy: rows 1000/1000 in 0:00"]);
});

describe("in a notebook", () => {
  test("the line overwrites itself at most every fifth of a second, and what is kept ends its line at once", () => {
    let written = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
    const now = vi.spyOn(performance, "now");
    const at = (milliseconds: number, text: string): void => {
      now.mockReturnValue(milliseconds);
      line.show(text);
    };
    const line = progressLine("notebook");
    at(1000, "long first");
    at(1100, "too soon");
    at(1200, "second");
    line.keep("kept");
    expect(written).toBe(`\r${"long first".padEnd(100)}\r${"second".padEnd(100)}\r${"kept".padEnd(100)}\n`);
  });
});

describe("outside a notebook standard error takes the line, standard output nothing:", () => {
  const module = join(projectRoot(), "lib", "dist", "core", "progress.js");
  const program = (place: ProgressPlace): string => `
    const line = require(${JSON.stringify(module)}).progressLine(${JSON.stringify(place)});
    performance.now = () => 20_000;
    line.show("one");
    performance.now = () => 29_999;
    line.show("two");
    line.keep("three");
    performance.now = () => 30_000;
    line.show("four");`;
  const printed = (place: ProgressPlace): readonly string[] => {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program(place)], { encoding: "utf8" });
    return [stdout, stderr];
  };

  test("a log gets whole lines, at most one in ten seconds besides what is kept", () => {
    expect(printed("log")).toEqual(["", "one\nthree\nfour\n"]);
  });

  test("a terminal's line overwrites itself", () => {
    const padded = ["one", "two", "three"].map((text) => `\r${text.padEnd(100)}`).join("");
    expect(printed("terminal")).toEqual(["", `${padded}\n`]);
  });
});
