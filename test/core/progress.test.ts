import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { type ProgressPlace, progressLine, rowProgress, terminalWidth } from "../../lib/core/progress";

afterEach(() => {
  vi.restoreAllMocks();
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
  report(1000);
  expect(kept).toEqual(["a.npy: rows 1000/1000 in 0:00"]);
});

describe("in a notebook", () => {
  test("the line overwrites itself at most every fifth of a second, and no more than the last one's tail", () => {
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
    line.keep("and kept");
    expect(written).toBe("\rlong first\rsecond    \rkept  \n\rand kept\n");
  });

  test("a text is cut to 100 columns in its longest part, what is kept is not", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const line = progressLine("notebook");
    const text = `3/28 · ${"label ".repeat(20)}· epoch 3/15 · 1:05 left`;
    line.show(text);
    line.keep(text);
    const [shown, kept] = write.mock.calls.map(([written]) => String(written));
    expect(shown).toHaveLength(101);
    expect(shown).toMatch(/^\r3\/28 · label .*… · epoch 3\/15 · 1:05 left$/);
    expect(kept).toContain(text);
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
    performance.now = () => 30_300;
    line.show("four · " + "long ".repeat(30) + "· end");`;
  const printed = (place: ProgressPlace, columns: string): readonly string[] => {
    const env = { ...process.env, FCT_COLUMNS: columns };
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program(place)], { encoding: "utf8", env });
    return [stdout, stderr];
  };

  test("a log gets whole lines, at most one in ten seconds besides what is kept", () => {
    expect(printed("log", "")).toEqual(["", `one\nthree\nfour · ${"long ".repeat(30)}· end\n`]);
  });

  test.each([60, 80])("a terminal's line overwrites itself and never fills all of its %d columns", (columns) => {
    const [stdout, stderr = ""] = printed("terminal", String(columns));
    expect(stdout).toBe("");
    const erased = stderr.replaceAll("\x1b[K", "<");
    expect(erased).toMatch(/^\rone<\rtwo<\rthree<\n\rfour · long .*… · end<$/);
    expect(erased.split("\r").at(-1)).toHaveLength(columns);
  });
});

test("the width is the terminal's, or what the command told its kernel, or 80", () => {
  const { stderr } = process;
  vi.spyOn(process, "stderr", "get").mockReturnValue({ ...stderr, columns: 120 } as typeof stderr);
  expect(terminalWidth()).toBe(120);
  vi.spyOn(process, "stderr", "get").mockReturnValue({ ...stderr, columns: 0 } as typeof stderr);
  vi.stubEnv("FCT_COLUMNS", "90");
  expect(terminalWidth()).toBe(90);
  vi.stubEnv("FCT_COLUMNS", "");
  expect(terminalWidth()).toBe(80);
  vi.unstubAllEnvs();
});
