import type { Curve, MetricName, ResultRow, Summary, TableResult } from "../../lib/experiments/results/result";
import { madeUpResult } from "./made-up-result";

/** Invented results of two updates, each with ends of its own, with measures, curves and notes. */
export const madeUpUpdates: TableResult = {
  ...madeUpResult,
  table: "updates",
  title: "Invented updates",
  measures: [
    { id: "nfr", title: "negative flips (% of queries)", decimals: 1 },
    { id: "pfr", title: "positive flips (% of queries)", decimals: 1 },
    { id: "size", title: "side-information (numbers an item)", decimals: 0 },
    { id: "cost", title: "h (million multiplications an item)", decimals: 3 },
  ],
  rows: [
    update("small -> large network", "a", { old: 50, next: 70, sizes: [16, 64, 256] }),
    update("half of the classes -> all", "b", { old: 20, next: 60, sizes: [16, 256] }),
  ].flat(),
  notes: ["BCT cannot be among the rows: its <new> network has another width.", "Curves have\n4 points."],
};

/** Invented results of every query model in every gallery, at two stages. */
export const madeUpMatrix: TableResult = {
  ...madeUpResult,
  table: "matrix",
  title: "Invented matrix",
  rows: ["independent", "forward compatible"].flatMap((panel, first) =>
    ["model 1", "model 2", "model 3"].flatMap((query, i) =>
      ["model 1", "model 2", "model 3"].slice(0, i + 1).map((gallery, j) => ({
        ...row(`${first}-${i}-${j}`, `${query} / ${gallery}`, i === j ? 50 + 10 * i : 11 + 40 * first + j, null),
        cell: { panel, row: query, column: gallery },
      })),
    ),
  ),
};

interface UpdateNumbers {
  readonly old: number;
  readonly next: number;
  readonly sizes: readonly number[];
}

function update(group: string, name: string, { old, next, sizes }: UpdateNumbers): readonly ResultRow[] {
  const middle = sizes.map((size, index) => {
    const share = 20 * index + Math.log2(size);
    const top1 = old + ((next - old) * share) / 100;
    const details = {
      nfr: summary(9 - index, 0.5),
      pfr: summary(20 + index, 1.25),
      size: { mean: size, sd: 0, n: 3 },
      ...(index === 0 ? {} : { cost: summary(0.5 * index, 0.0625) }),
    };
    return {
      ...row(`${name}-${size}`, `h(old), ${size} numbers`, top1, share),
      group,
      details,
      curve: curve(old, top1),
    };
  });
  return [
    { ...row(`${name}-old-old`, "old / old", old, 0), group },
    ...middle,
    { ...row(`${name}-new-new`, "new / new", next, 100), group },
  ];
}

/** Four points of a line whose mean is `area`, from `start`. */
function curve(start: number, area: number): Curve {
  const shares = [0, 1 / 3, 2 / 3, 1];
  const line = (from: number, mean: number): readonly number[] =>
    shares.map((share) => from + 2 * (mean - from) * share);
  return { shares, top1: line(start, area), top5: line(start + 10, area + 10), mAP: line(start - 10, area - 10) };
}

function row(id: string, label: string, top1: number, share: number | null): ResultRow {
  const means = byMetric((name) => top1 + { top1: 0, top5: 10, mAP: -10 }[name]);
  const seeds = [-0.5, 0, 0.5];
  return {
    id,
    label,
    metrics: byMetric((name) => summary(means[name], 0.5)),
    perSeed: seeds.map((shift) => byMetric((name) => means[name] + shift)),
    gapClosed: byMetric(() => share),
    reported: [],
  };
}

function summary(mean: number, sd: number): Summary {
  return { mean, sd, n: 3 };
}

function byMetric<Value>(of: (name: MetricName) => Value): Readonly<Record<MetricName, Value>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}
