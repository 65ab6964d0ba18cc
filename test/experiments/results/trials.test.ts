import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../../lib/core/paths";
import { parseTrials, type RecordedTrial } from "../../../lib/experiments/results/trials";
import { trialsMarkdown } from "../../../lib/report/claims/trials-markdown";

const path = join(projectRoot(), "results", "trials.json");
const committed = readFileSync(path, "utf8");
const trial: RecordedTrial = {
  choice: "a loss",
  chosen: "b",
  values: ["a", "b"],
  count: 2,
  metric: "mAP",
  scale: "quick",
  seeds: [0],
  split: "validation",
};

describe("results/trials.json", () => {
  test("is well-formed, and every choice stands in the page", () => {
    const trials = parseTrials(committed, path);
    expect(trials.length).toBeGreaterThan(3);
    const markdown = trialsMarkdown(committed, path);
    for (const { choice } of trials) expect(markdown).toContain(`| ${choice} |`);
  });

  test.each<[string, Partial<Record<keyof RecordedTrial, unknown>>, RegExp]>([
    ["a value that was not tried", { chosen: "c" }, /0\.chosen.*one of the values/s],
    ["a wrong count", { count: 3 }, /0\.count.*number of the values/s],
    ["an unknown split", { split: "training" }, /0\.split/],
    ["an unknown member", { more: 1 } as object, /more/],
  ])("refuses %s by its place", (_, changes, message) => {
    expect(() => parseTrials(JSON.stringify([{ ...trial, ...changes }]), "trials.json")).toThrow(message);
    expect(parseTrials(JSON.stringify([trial]), "trials.json")).toEqual([trial]);
  });
});
