import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clock, timeLeft } from "../../../lib/core/progress/time-left";
import { random } from "../../../lib/core/random";

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

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => 1000 * now);
});
afterEach(() => void vi.restoreAllMocks());

/** The seconds of " · 1:05 left"; null if there is no estimate. */
function secondsIn(text: string): number | null {
  const [, hours = "0", minutes, seconds] = /^ · (?:(\d+):)?(\d+):(\d\d) left$/.exec(text) ?? [];
  if (text !== "" && seconds === undefined) throw new Error(`no time left: ${text}`);
  return text === "" ? null : 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
}

describe("the time left", () => {
  test("is that of the rest at the speed so far, and unknown before 3 % are done", () => {
    const { report } = timeLeft();
    expect(report({ done: 0, total: 100 })).toBe("");
    now = 2;
    expect(report({ done: 2, total: 100 })).toBe("");
    now = 4;
    expect(report({ done: 4, total: 100 })).toBe(" · 1:36 left");
    now = 50;
    expect(report({ done: 50, total: 100 })).toBe(" · 0:50 left");
    expect(report({ done: 100, total: 100 })).toBe(" · 0:00 left");
  });

  test("of work that was continued counts what is done under its eyes alone", () => {
    const { report } = timeLeft();
    expect(report({ done: 900, total: 1000 })).toBe("");
    now = 1;
    expect(report({ done: 902, total: 1000 })).toBe("");
    now = 10;
    expect(report({ done: 920, total: 1000 })).toBe(" · 0:40 left");
  });

  test("counts preparations on their own: they are no work, and are to come once for each piece", () => {
    const { begin, report } = timeLeft();
    begin();
    now = 30;
    expect(report({ done: 1, total: 100, toBegin: 2 })).toBe("");
    now = 40;
    expect(report({ done: 11, total: 100, toBegin: 2 })).toBe(` · ${clock(89 + 2 * 30)} left`);
  });
});

/** A piece of a run: seconds of preparation, work as declared, and its true speed. */
interface Piece {
  readonly prepares: number;
  readonly work: number;
  readonly speed: number;
}

/** Every estimate of a run with a report each second, with the time that was really left. */
function estimates(pieces: readonly Piece[]): readonly { readonly said: number; readonly left: number }[] {
  const total = pieces.reduce((sum, { work }) => sum + work, 0);
  const end = pieces.reduce((sum, { prepares, work, speed }) => sum + prepares + work / speed, 0);
  const { begin, report } = timeLeft();
  const said: { said: number; left: number }[] = [];
  let before = 0;
  const toBegin = (index: number): number => pieces.slice(index + 1).filter(({ work }) => work > total / 1000).length;
  pieces.forEach(({ prepares, work, speed }, index) => {
    const counts = work > total / 1000;
    if (counts) begin();
    now += prepares;
    const start = now;
    for (let second = 1; second * speed < work; second++) {
      now = start + second;
      const text = report({ done: before + second * speed, total, toBegin: toBegin(index) });
      const seconds = secondsIn(text);
      if (seconds !== null) said.push({ said: seconds, left: end - now });
    }
    now = start + work / speed;
    before += work;
    report({ done: before, total });
  });
  return said;
}

test("an estimate errs by less than a third, from the first to the last minute of a run", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { uniform: next } = random(seed);
    // As a table runs: trainings of minutes, views and h of seconds, evaluations without a report; the speed of each
    // piece is that of the machine, give or take a fifth, and preparing takes 3 to 20 seconds.
    const works = [2500, 5000, 5000, 450, 450, 950, 1200, 50, 950, 2400, 50, 950, 0.3, 0.3, 0.3];
    const machine = 10 ** (next() + 0.5);
    const pieces = works.map((work) => {
      return { work, speed: machine * (0.8 + 0.4 * next()), prepares: work < 1 ? 0.1 : 3 + 17 * next() };
    });
    now = 0;
    const all = estimates(pieces).filter(({ left }) => left > 60);
    expect(all.length).toBeGreaterThan(60);
    const worst = Math.max(...all.map(({ said, left }) => Math.abs(said - left) / left));
    expect(worst, `seed ${seed}`).toBeLessThan(1 / 3);
  }
});
