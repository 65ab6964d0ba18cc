import type { Reported } from "../../experiments/results/result";

// Numbers that publications print, in percent. A number that is not known here is null.

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

/** The share of the gap from old/old to new/new that a top-1 closes, in percent to one decimal. */
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

const readmeAuc = (onCifar: Triple | null, onImagenet: Triple | null): readonly Reported[] => [
  ...(onCifar === null ? [] : [reported({ ...README_2023, ...cifar }, onCifar, null)]),
  ...(onImagenet === null
    ? []
    : [reported({ ...README_2023, ...imagenet }, onImagenet, gapOf(onImagenet[0], 46.6, 68.2))]),
];

const RESNET34 = { source: "arXiv 2509.16664, ResNet-34", dataset: "ImageNet-1k" } as const;

const backfillRows: Readonly<Record<string, readonly Reported[]>> = {
  "old-old": [...readmeAuc(null, [46.6, 65.2, 28.5]), reported(RESNET34, [43.56, null, 25.18], 0)],
  // That paper's maps take the old embedding alone, without side-information.
  "fct-none-random": [
    ...readmeAuc([49.1, 73.6, 29.1], [62.8, 81.1, 40.5]),
    reported(RESNET34, [58.72, null, 33.57], gapOf(58.72, 43.56, 61.61)),
  ],
  "fastfill-none": [
    ...readmeAuc([53.6, 75.3, 32.5], [66.5, 83.6, 44.8]),
    reported(RESNET34, [60.49, null, 35.59], gapOf(60.49, 43.56, 61.61)),
  ],
  "fct-simclr-random": readmeAuc(null, [64.7, 82.4, 42.6]),
  "fastfill-simclr": readmeAuc(null, [67.8, 84.2, 46.2]),
  "new-new": [...readmeAuc(null, [68.2, 84.6, 45.3]), reported(RESNET34, [61.61, null, 35.69], 100)],
};

/** What publications report for a row of the table of partial backfilling (AUC). */
export function reportedBackfill(id: string): readonly Reported[] {
  return backfillRows[id] ?? [];
}

const openBct = (dataset: string, [top1, top5]: readonly [number, number], gap: number | null): readonly Reported[] => [
  reported({ source: "openBCT README", dataset }, [top1, top5, null], gap),
];

const placesRows: Readonly<Record<string, readonly Reported[]>> = {
  "old-old": openBct("Places-365", [27.0, 55.9], 0),
  "bct-new-old": openBct("Places-365", [27.5, 57.8], gapOf(27.5, 27.0, 35.1)),
  "bct-new-new": openBct("Places-365", [32.9, 62.2], null),
  "new-new": openBct("Places-365", [35.1, 64.0], 100),
};

const architectureRows: Readonly<Record<string, readonly Reported[]>> = {
  "old-old": openBct("ImageNet-1k", [39.5, 60.0], 0),
  "ResNet-50-bct": openBct("ImageNet-1k", [42.2, 65.5], gapOf(42.2, 39.5, 66.3)),
  "ResNet-50-bct-new-new": openBct("ImageNet-1k", [55.6, 76.6], null),
  "ResNet-50-new-new": openBct("ImageNet-1k", [66.3, 84.0], 100),
};

/** A number of the papers that no source at hand quotes: null, with the reason. */
export function unknownOn(dataset: string): readonly Reported[] {
  const source = "FCT's paper: in neither its abstract nor the official README, the sources at hand";
  return [reported({ source, dataset }, [null, null, null], null)];
}

const officialSmallRows: Readonly<Record<string, Triple>> = {
  "old-old": [10.2, 26.6, 4.5],
  independent: [0.9, 4.0, 1.2],
  "fct-none": [12.2, 32.0, 5.7],
  "new-new": [17.2, 38.4, 7.4],
};

/** What the official code gave for a row of table official-small: one run, not published. */
export function reportedOfficialSmall(id: string): readonly Reported[] {
  const figures = officialSmallRows[id];
  const place = { source: "the official code, seed 0, not published", dataset: "Tiny-ImageNet, 32 x 32" };
  return figures === undefined ? [] : [reported(place, figures, gapOf(figures[0], 10.2, 17.2))];
}

/** What publications report for a row of the table of architectures (openBCT: ResNet-18 -> 50). */
export function reportedArchitecture(id: string): readonly Reported[] {
  return architectureRows[id] ?? unknownOn("ImageNet-1k");
}

/** What publications report for a row of the main table on Places-365 or VGGFace2. */
export function reportedOn(dataset: "Places-365" | "VGGFace2"): (id: string) => readonly Reported[] {
  const known = dataset === "Places-365" ? placesRows : {};
  return (id) => known[id] ?? unknownOn(dataset);
}
