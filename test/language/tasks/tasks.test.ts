import { describe, expect, test } from "vitest";
import { finalNumber } from "../../../lib/language/evaluation/exact-match";
import { loadTask, scoringOf, type TaskKind } from "../../../lib/language/tasks/task";
import { storedTokenizer } from "../../../lib/language/tokens/stored-merges";

const kinds: readonly TaskKind[] = ["subjectivity", "polarity", "arithmetic", "restoration"];

describe.each(kinds)("the task %s", (kind) => {
  test("asks nothing that it teaches, and asks the same however much it teaches", async () => {
    const task = await loadTask({ kind, train: 300, test: 100 });
    expect([task.train.length, task.test.length]).toEqual([300, 100]);
    const taught = new Set(task.train.map(({ prompt }) => prompt));
    expect(taught.size).toBe(300);
    expect(task.test.filter(({ prompt }) => taught.has(prompt))).toEqual([]);
    expect(await loadTask({ kind, train: 300, test: 100 })).toEqual(task);
    expect((await loadTask({ kind, train: 200, test: 100 })).test).toEqual(task.test);
  });

  test("has answers that fit the longest allowed, and among its choices", async () => {
    const { encode } = await storedTokenizer();
    const { train } = await loadTask({ kind, train: 1000, test: 1 });
    const scoring = scoringOf(kind);
    for (const { answer, choices } of train) {
      if (scoring.kind === "choice") expect(choices).toContain(answer);
      else expect(encode(answer).length).toBeLessThan(64);
    }
    if (scoring.kind !== "choice") return;
    const first = train.filter(({ answer, choices }) => answer === choices?.[0]).length;
    expect(first).toBeGreaterThan(400);
    expect(first).toBeLessThan(600);
  });
});

test("sums come out", async () => {
  const { train } = await loadTask({ kind: "arithmetic", train: 500, test: 1 });
  for (const { prompt, answer } of train) {
    const steps = [...answer.matchAll(/(\d+) ([+-]) (\d+) = (\d+)/g)];
    expect([2, 3]).toContain(steps.length);
    for (const [, left, sign, right, result] of steps) {
      expect(Number(result)).toBe(Number(left) + (sign === "+" ? 1 : -1) * Number(right));
      expect(Number(result)).toBeGreaterThan(0);
    }
    steps.slice(1).forEach(([, left], i) => {
      expect(left).toBe(steps[i]?.[4]);
    });
    expect(finalNumber(answer)).toBe(steps.at(-1)?.[4]);
    expect(prompt).toMatch(/^\w+ has \S+ \w+ , .* and .* \. How many now \?$/);
  }
});

test("a sentence to be restored holds what is asked, in order", async () => {
  const { train } = await loadTask({ kind: "restoration", train: 300, test: 1 });
  for (const { prompt, answer } of train) {
    const words = answer.trim().split(" ");
    let at = -1;
    for (const word of (prompt.split("\n")[0] ?? "").split(" ").filter((part) => part !== "")) {
      at = words.indexOf(word, at + 1);
      expect(at).toBeGreaterThanOrEqual(0);
    }
  }
});

test("more samples than there are, are refused", async () => {
  await expect(loadTask({ kind: "polarity", train: 11_000, test: 1 })).rejects.toThrow(
    /samples of the task polarity: expected at most \d+, got 11001/,
  );
  await expect(loadTask({ kind: "polarity", train: 1, test: 1 })).rejects.toThrow(/samples to learn: .* got 1/);
});
