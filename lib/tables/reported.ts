import type { Reported } from "../experiments/result";

// Numbers that publications print, percent. What is not known here is null; nothing is guessed.

const README_2023 = { source: "ml-fct README (2023)" } as const;
const BT2 = { source: "BT-2 README (2211.03989)" } as const;
const cifar = { dataset: "CIFAR-100" } as const;
const imagenet = { dataset: "ImageNet-1k" } as const;

type Triple = readonly [top1: number | null, top5: number | null, mAP: number | null];

function reported(
  place: Pick<Reported, "source" | "dataset">,
  [top1, top5, mAP]: Triple,
  gap: number | null,
): Reported {
  return { ...place, top1, top5, mAP, gapClosed: gap };
}

const fromReadme = (onCifar: Triple, onImagenet: Triple): readonly Reported[] => [
  reported({ ...README_2023, ...cifar }, onCifar, gapOf(onCifar[0], 34.2, 56.5)),
  reported({ ...README_2023, ...imagenet }, onImagenet, gapOf(onImagenet[0], 46.4, 68.4)),
];

const fromBt2 = (
  onCifar: Triple,
  onImagenet: Triple,
  gaps: readonly [number | null, number | null],
): readonly Reported[] => [
  reported({ ...BT2, ...cifar }, onCifar, gaps[0]),
  reported({ ...BT2, ...imagenet }, onImagenet, gaps[1]),
];

/** Share of the gap between old/old and new/new that a top-1 closes, percent to one decimal. */
function gapOf(top1: number | null, old: number, next: number): number | null {
  return top1 === null ? null : Math.round((1000 * (top1 - old)) / (next - old)) / 10;
}

const rows: Readonly<Record<string, readonly Reported[]>> = {
  "old-old": [
    ...fromReadme([34.2, 60.6, 16.5], [46.4, 65.1, 28.3]),
    ...fromBt2([33.6, 55.4, 24.4], [40.9, 55.8, 33.6], [0, 0]),
  ],
  independent: fromBt2([0.8, 4.9, 1.5], [0.1, 0.5, 0.2], [gapOf(0.8, 33.6, 62.7), gapOf(0.1, 40.9, 67.9)]),
  "bct-new-old": fromBt2([25.0, 62.1, 24.7], [44.3, 66.4, 34.6], [gapOf(25.0, 33.6, 62.7), gapOf(44.3, 40.9, 67.9)]),
  "bct-new-new": fromBt2([60.0, 71.9, 47.3], [65.3, 80.0, 54.0], [null, null]),
  "fct-none": fromReadme([47.2, 72.6, 25.8], [61.8, 80.5, 39.9]),
  "fct-simclr": fromReadme([50.2, 73.7, 32.2], [65.1, 82.7, 44.0]),
  "new-new": [
    ...fromReadme([56.5, 77.0, 36.3], [68.4, 84.7, 45.6]),
    ...fromBt2([62.7, 74.6, 49.9], [67.9, 81.4, 52.3], [100, 100]),
  ],
};

/** What publications report for a row of the main table; nothing for a row they do not have. */
export function reportedMain(id: string): readonly Reported[] {
  return rows[id] ?? [];
}
