import { backbone, upgrade } from "../experiments/model/construct";
import type { Reported } from "../experiments/results/result";
import type { Table } from "../experiments/table";
import { mainRows, seenMeasures } from "./main";
import { officialSmall, type PaperDataset, paper } from "./recipes/paper";
import { lfwFaces, lfwOthers, tinyImagenetObjects, ucMercedLaptop, ucMercedQuick } from "./recipes/photographs";
import { reportedMain, reportedOfficialSmall, reportedOn, unknownOn } from "./shared/reported";
import { rowsOn } from "./shared/shared-models";

const shared = { notebook: "05-dataset-change", gap: { from: "old-old", to: "new-new" } } as const;

/** The main table on another published dataset than ImageNet-1k, at the paper's scale. */
function datasetTable(name: PaperDataset, title: string, dataset: string, reported: typeof reportedMain): Table {
  return {
    id: name,
    title: `${title}: half of the classes to all`,
    ...shared,
    measures: seenMeasures,
    scales: { paper: { seeds: 1, dataset } },
    rows: (_, seed) => mainRows(paper(name, seed), reported),
  };
}

const onlyOn =
  (dataset: string) =>
  (id: string): readonly Reported[] =>
    reportedMain(id).filter((reported) => reported.dataset === dataset);

const cifarTable: Table = {
  ...datasetTable("cifar-100", "CIFAR-100", "CIFAR-100, 50 -> 100 classes, resized to 224 x 224", onlyOn("CIFAR-100")),
  notes: [
    "The published side-information is SimCLR of all of ImageNet-1k; here it is SimCLR of the 50 old classes.",
    "BT-2's BCT has a classifier made of the class means of all classes, with weight 10; here it is the old one, with weight 1.",
  ],
};

/** 100 classes at the sizes of CIFAR-100, which the other tables of the laptop scale are on. */
const tinyImagenetTable: Table = {
  id: "tiny-imagenet",
  title: "Tiny-ImageNet: half of the classes to all",
  ...shared,
  measures: seenMeasures,
  scales: { laptop: { seeds: 1, dataset: "Tiny-ImageNet reduced to 32 x 32 pixels, the first 50 -> 100 classes" } },
  rows: (_, seed) => mainRows(tinyImagenetObjects(seed), () => unknownOn("ImageNet-1k")),
};

/** Where a run of the official code can be compared with ours on the same images. */
const officialSmallTable: Table = {
  id: "official-small",
  title: "The official code's own figures on Tiny-ImageNet beside ours",
  ...shared,
  scales: { laptop: { seeds: 1, dataset: "Tiny-ImageNet reduced to 32 x 32 pixels, the first 50 -> 100 classes" } },
  notes: [
    "The official code was run once, with the published recipe scaled to batches of 256 and 20 epochs. What may differ from ours: how it was scaled elsewhere, the reduction to 32 pixels, its seedless random numbers, and an h learned from newly augmented images in every epoch, where ours learns from two stored views.",
  ],
  rows: (_, seed) => {
    const { half, ...recipes } = officialSmall(seed);
    const old = backbone({ ...recipes.backbone, classes: half });
    const next = backbone(recipes.backbone);
    const mapped = upgrade(old, { target: next, side: null, recipe: recipes.transformation });
    const row = rowsOn(recipes.backbone.dataset);
    const end = (id: string, label: string, query: typeof old, gallery: typeof old | typeof mapped) =>
      row(id, label, query, gallery, { reported: reportedOfficialSmall(id) });
    return [
      end("old-old", "old / old", old, old),
      end("independent", "new / old, independent", next, old),
      end("fct-none", "new / h(old), FCT without side-information", next, mapped),
      end("new-new", "new / new", next, next),
    ];
  },
};

const lfwTable: Table = {
  id: "lfw",
  title: "LFW faces: half of the persons to all",
  ...shared,
  scales: { laptop: { seeds: 1, dataset: "LFW, 79 -> 158 persons, tested on other images of theirs, 64 x 64" } },
  measures: seenMeasures,
  notes: ["Images of people are never shown."],
  rows: (_, seed) => mainRows(lfwFaces(seed), () => unknownOn("VGGFace2")),
};

const lfwOpenTable: Table = {
  id: "lfw-open",
  title: "LFW faces, open set: tested on persons whom no model has seen",
  ...shared,
  scales: { laptop: { seeds: 1, dataset: "LFW, 79 -> 158 persons, tested on 1,522 others, 64 x 64" } },
  notes: ["The models are those of table lfw.", "Images of people are never shown."],
  rows: (_, seed) =>
    mainRows(lfwFaces(seed), () => unknownOn("VGGFace2")).map(({ measurements: _, ...row }) => {
      return { ...row, dataset: lfwOthers };
    }),
};

const landUse = "UC Merced aerial scenes, 10 -> 21 classes drawn by the seed, 64 x 64";

const ucMercedTable: Table = {
  id: "uc-merced",
  title: "UC Merced aerial scenes: half of the classes to all",
  ...shared,
  scales: { quick: { seeds: 1, dataset: landUse }, laptop: { seeds: 1, dataset: landUse } },
  measures: seenMeasures,
  rows: (scale, seed) =>
    mainRows(scale === "quick" ? ucMercedQuick(seed) : ucMercedLaptop(seed), () => unknownOn("Places-365")),
};

/**
 * The main table on other datasets than a scale's own: the published ones, and small photographs of
 * objects, faces and scenes.
 */
export const datasetTables: readonly Table[] = [
  cifarTable,
  tinyImagenetTable,
  officialSmallTable,
  datasetTable("places-365", "Places-365", "Places-365, 182 -> 365 classes, 224 x 224", reportedOn("Places-365")),
  datasetTable("vggface2", "VGGFace2", "VGGFace2, half of the identities -> all, 224 x 224", reportedOn("VGGFace2")),
  lfwTable,
  lfwOpenTable,
  ucMercedTable,
];
