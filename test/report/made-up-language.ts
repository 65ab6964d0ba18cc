import type { LanguageResult, LanguageResultRow } from "../../lib/experiments/language/language-result";

const plain = (mean: number) => ({ mean, sd: 0, n: 2, values: [mean, mean] });

function row(id: string, label: string, details: LanguageResultRow["details"]): LanguageResultRow {
  const group = "polarity, more data";
  return { id, label, group, before: "v1", next: "v2", details, ties: 1, cut: 2 };
}

/** A result of two updates, one of which is scored as texts. */
export const madeUpLanguage: LanguageResult = {
  kind: "language",
  table: "made-up",
  title: "Made up",
  scale: "quick",
  dataset: "nothing",
  fingerprint: "f",
  seeds: [0, 1],
  measures: [
    { id: "score", title: "score (%)", decimals: 1 },
    { id: "negative", title: "NFR (%)", decimals: 1 },
    { id: "inconsistent", title: "NFR_mc (%)", decimals: 1 },
  ],
  rows: [
    row("v1", "v1", { score: { ...plain(80), sd: 1 }, negative: plain(0), inconsistent: plain(0) }),
    row("v2", "v2", { score: plain(83), negative: plain(14), inconsistent: plain(14) }),
    row("muscle", "MUSCLE", {
      score: { mean: 85, sd: 2, n: 2, values: [83, 87], interval: [84, 86] },
      negative: { ...plain(12), interval: [10, 14.5] },
      inconsistent: plain(12.5),
    }),
    {
      ...row("text-v1", "v1", { score: plain(40), negative: plain(0) }),
      group: "restoration, more data",
      before: "text-v1",
      next: "text-v1",
    },
  ],
  notes: ["A note."],
  reported: [
    { task: "PIQA", update: "Phi 1 -> 1.5", v1: 59.03, v2: 74.65, muscle: 74.7, negative: 7.78, change: -0.05 },
  ],
  queries: { key: "k", sha256: "0".repeat(64) },
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
