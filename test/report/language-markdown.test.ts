import { expect, test } from "vitest";
import type { LanguageResult } from "../../lib/experiments/language/language-result";
import { languageMarkdown } from "../../lib/report/language-markdown";

const metrics = {
  score: 80,
  negative: 12,
  positive: 10,
  meanGain: 100,
  meanRegression: 100,
  inconsistent: 12,
  ties: 1,
  cut: 2,
};

const result: LanguageResult = {
  table: "made-up",
  title: "Made up",
  scale: "quick",
  dataset: "nothing",
  seeds: [0, 1],
  rows: [
    {
      id: "a",
      label: "MUSCLE",
      group: "polarity, more data",
      perSeed: [metrics, { ...metrics, score: 90, ties: 3 }],
      change: { mean: -1.25, low: -2, high: 0.04 },
    },
    {
      id: "b",
      label: "v2",
      group: "restoration, more data",
      perSeed: [
        { ...metrics, inconsistent: null },
        { ...metrics, inconsistent: null },
      ],
      change: { mean: 0, low: 0, high: 0 },
    },
  ],
  notes: ["A note."],
  reported: [
    { task: "PIQA", update: "Phi 1 -> 1.5", v1: 59.03, v2: 74.65, muscle: 74.7, negative: 7.78, change: -0.05 },
  ],
  run: {
    date: "2026-01-02T03:04:05.678Z",
    trainingSeconds: 1,
    environment: {
      node: "v20",
      tensorflow: "2.21",
      platform: "linux x64",
      device: "CPU",
      cores: 2,
      memoryGiB: 24,
      commit: null,
    },
  },
};

test("a result of language models shows means over the seeds, the paired change, and what was counted", () => {
  const lines = languageMarkdown(result).split("\n");
  expect(lines[0]).toBe("Made up. Scale `quick`: nothing; seeds 0, 1.");
  expect(lines[2]).toMatch(/^\| task, update \| adapter \| score \(%\) \| NFR \(%\) \| PFR \(%\) \| NFR_mc \(%\) \|/);
  expect(lines[4]).toBe(
    "| polarity, more data | MUSCLE | 85.0 | 12.0 | 10.0 | 12.0 | 100.0 | 100.0 | −1.3 [−2.0, +0.0] |",
  );
  expect(lines[5]).toContain("| v2 | 80.0 | 12.0 | 10.0 | — |");
  expect(lines[7]).toBe("- A note.");
  expect(lines[8]).toMatch(/^- Over all rows, 6 questions .* and 8 prompts lost their beginning\.$/);
  expect(lines[10]).toBe("Reported by the paper (percent):");
  expect(lines.at(-2)).toBe("| PIQA | Phi 1 -> 1.5 | 59.03 | 74.65 | 74.70 | 7.78 | −0.05 |");
  expect(languageMarkdown({ ...result, reported: [] })).not.toContain("Reported");
});
