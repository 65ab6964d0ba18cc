import { expect, it } from "vitest";
import { rowProgress } from "../../lib/core/progress";

it("tells what is done, at which speed and the time left, and keeps a last line", () => {
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
