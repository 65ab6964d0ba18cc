import { random } from "../../../lib/core/random";
import type { MetricName, Reported, ResultRow, Summary, TableResult } from "../../../lib/experiments/results/result";
import { madeUpResult } from "../made-up-result";

const stream = random(0, "hard results");

/** A name without a place to break it, one with markup in it, and long ones. */
const names: readonly string[] = [
  "new / h(old), FastFill without side-information, ordered by the predicted uncertainty",
  "new / h(old), FCT, supervised-contrastive-side-information-of-another-organisation-altogether",
  "BCT <b>new</b> / old & MobileNetV2 x 0.5 -> wide ResNet-50-2 of width 16",
  "h",
];

/** 40 rows in four updates with long names, one seed, and measures and shares that are missing. */
export const hardResult: TableResult = {
  ...madeUpResult,
  table: "hard",
  title: "Forty rows",
  dataset: "a data set with a long name, 121 -> 242 characters of many alphabets, 32 x 32 pixels, tested on all",
  seeds: [0],
  measures: [
    { id: "size", title: "values stored per item", decimals: 0 },
    { id: "cost", title: "multiply-adds of the whole update per item and gallery (million)", decimals: 2 },
    { id: "flips", title: "negative flips (% of queries)", decimals: 1 },
    { id: "gain", title: "gain (points)", decimals: 1 },
  ],
  rows: [
    "softmax -> softmax",
    "softmax -> a loss with a name that is far too long for the line it is given",
    "c",
    "d",
  ].flatMap((group, update) => groupRows(group, update)),
  histories: Array.from({ length: 40 }, (_, index) => ({
    label: hardTraining(index),
    seed: 0,
    loss: index === 7 ? [1e-7] : Array.from({ length: 30 }, (_, epoch) => 10 ** (index % 5) / (1 + epoch)),
  })),
};

function hardTraining(index: number): string {
  if (index < 12) return `ResNet-${index} of width ${2 ** index} with a loss of its own on all classes`;
  if (index < 16) return `SimCLR, ${index}-d, on 50 % of the classes`;
  return `h (variant ${index}), SimCLR on 50 % of the classes: ResNet-18 on 50 % of the classes to wide ResNet-50-2 of width ${index} on all classes (${index})`;
}

function groupRows(group: string, update: number): readonly ResultRow[] {
  const old = 20 + 10 * update;
  const next = update === 3 ? old - 5 : old + 8;
  const middle = Array.from({ length: 8 }, (_, index) => {
    const top1 = index === 0 ? 0.1 : old + stream.uniform(-2, 12);
    const share = next > old ? (100 * (top1 - old)) / (next - old) : null;
    return { ...hardRow(`${update}-${index}`, names[index % names.length] ?? "", top1, share), group };
  });
  return [
    ...(update === 0 ? [{ ...hardRow("old", "old / old", old, 0), group }] : []),
    ...middle.map((row, index) => ({ ...row, details: detailsAt(index, row.metrics.top1.mean - old) })),
    { ...hardRow(`${update}-new`, "new / new", next, next > old ? 100 : null), group },
    ...(update === 0
      ? []
      : [{ ...hardRow(`${update}-extra`, "new / new of backward compatible training", 99.9, null), group }]),
  ];
}

/** Some measures are missing, one is 0, and they span orders of magnitude. */
function detailsAt(index: number, gain: number): NonNullable<ResultRow["details"]> {
  return {
    ...(index % 3 === 0 ? {} : { size: one(10 ** (index % 6)) }),
    ...(index === 1 ? {} : { cost: one(index === 2 ? 0 : 7 ** index) }),
    flips: one(12.34 * (index % 4)),
    gain: one(gain),
  };
}

function hardRow(id: string, label: string, top1: number, share: number | null): ResultRow {
  const metrics = byMetric((name) => Math.max(0, Math.min(100, top1 + { top1: 0, top5: 5, mAP: -5 }[name])));
  return {
    id,
    label,
    metrics: byMetric((name) => one(metrics[name])),
    perSeed: [metrics],
    gapClosed: byMetric(() => share),
    reported: id.endsWith("2") ? [published(-300, 1), published(40, 2)] : [],
  };
}

function published(gapClosed: number, number: number): Reported {
  const source = `A paper with a title of some length and a number (200${number})`;
  return { source, dataset: "ImageNet-1k at 224 x 224", top1: null, top5: null, mAP: null, gapClosed };
}

function one(mean: number): Summary {
  return { mean, sd: null, n: 1 };
}

function byMetric<Value>(of: (name: MetricName) => Value): Readonly<Record<MetricName, Value>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}

const shares = Array.from({ length: 22 }, (_, index) => index / 21);

/** 40 curves in four panels, some of them the same. */
export const hardCurves: TableResult = {
  ...hardResult,
  rows: hardResult.rows.map((row, index) => {
    const line = shares.map((share) => 20 + 60 * share ** (1 + (index % 7)));
    return { ...row, curve: { shares, top1: line, top5: line, mAP: line } };
  }),
};

/** Two matrices of seven models with long names; cells are missing. */
export const hardMatrix: TableResult = {
  ...hardResult,
  rows: ["independent", "forward compatible training, chained over all of the updates before"].flatMap((panel, first) =>
    Array.from({ length: 7 }, (_, i) =>
      Array.from({ length: i + 1 }, (_, j) => ({
        ...hardRow(`${first}-${i}-${j}`, `${i} / ${j}`, i === j ? 50 + i : (7.3 * (i + j + first)) % 100, null),
        cell: { panel, row: hardModel(i), column: hardModel(j) },
      })),
    ).flat(),
  ),
};

function hardModel(index: number): string {
  return index === 3 ? "wide-ResNet-50-2-of-width-16-without-a-break" : `${10 * index} % of the classes`;
}
