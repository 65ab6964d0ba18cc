import type { MetricName, Reported, ResultRow, Summary, TableResult } from "../../lib/experiments/results/result";

type Triple = readonly [number, number, number];

/** A result whose every number is invented: round values that no run and no publication has. */
export const madeUpResult: TableResult = {
  table: "made-up",
  title: "Invented table",
  scale: "quick",
  dataset: "Set C, 5 -> 10 invented classes",
  fingerprint: "0123456789abcdef",
  seeds: [1, 2, 3],
  rows: [
    row("old-old", "old/old", [50, 70, 40], 0, [published("Paper A (2001)", "Set A", [30, 60, null], 0)]),
    row("independent", "new/old, independent", [1, 5, 2], -245, [
      published("Paper B (2002)", "Set B", [1, 4, 1], -110),
    ]),
    row("compatible", "new/new of backward-compatible training", [68, 84, 58], null),
    row("bct-new-old", "new/old, backward-compatible training", [48, 71, 39], -10),
    row("fct-none", "new/old, FCT without side-information", [62, 80, 52], 60, [
      published("Paper A (2001)", "Set A", [45, 75, 30], 55),
      published("Paper B (2002)", "Set B", [null, null, null], null),
    ]),
    row("fct-simclr", "new/old, FCT | SimCLR <side>", [67, 83, 56], 85, [
      published("Paper A (2001)", "Set A", [50, 78, 33], 75),
      published("Paper B (2002)", "Set B", [66, 84, 45], 90),
    ]),
    row("new-new", "new/new", [70, 85, 60], 100, [published("Paper A (2001)", "Set A", [57, 80, 36], 100)]),
  ],
  histories: [1, 2, 3].flatMap((seed) => [
    { label: "old network", seed, loss: falling(4, 0.3 + seed / 50, 15) },
    { label: "new network", seed, loss: falling(5, 0.25 + seed / 50, 15) },
    { label: "SimCLR on the old classes", seed, loss: falling(6, 0.05 + seed / 500, 60) },
    { label: "h, FCT with SimCLR side-information", seed, loss: falling(0.02, 0.2 + seed / 50, 30) },
  ]),
  run: {
    date: "2001-02-03",
    trainingSeconds: 321.04,
    environment: {
      node: "20.0.0",
      tensorflow: "2.0.0",
      platform: "linux x64",
      device: "CPU",
      cores: 2,
      memoryGiB: 8,
      commit: null,
    },
  },
};

function row(
  id: string,
  label: string,
  means: Triple,
  gapClosed: number | null,
  reported: readonly Reported[] = [],
): ResultRow {
  const first = id.length % 2 === 0 ? -0.8 : 0.8;
  const perSeed = [first, 0, -first].map((shift) => byMetric(means.map((mean) => mean + shift)));
  const shares = byMetric([0, 1, 2].map(() => gapClosed));
  return { id, label, metrics: byMetric(means.map(summary)), perSeed, gapClosed: shares, reported };
}

function summary(mean: number): Summary {
  return { mean, sd: 0.8, n: 3 };
}

function published(
  source: string,
  dataset: string,
  [top1, top5, mAP]: readonly (number | null)[],
  gapClosed: number | null,
): Reported {
  return { source, dataset, top1: top1 ?? null, top5: top5 ?? null, mAP: mAP ?? null, gapClosed };
}

function byMetric<Value>(values: readonly Value[]): Record<MetricName, Value> {
  const [top1, top5, mAP] = values as readonly [Value, Value, Value];
  return { top1, top5, mAP };
}

function falling(start: number, rate: number, epochs: number): readonly number[] {
  return Array.from({ length: epochs }, (_, epoch) => start * Math.exp(-rate * epoch) + start / 10);
}
