import type { Reported } from "../experiments/results/result";
import type { Table } from "../experiments/table";
import { mainRows, seenMeasures } from "./main";
import { type PaperDataset, paper } from "./recipes/paper";
import { lfwFaces, lfwOthers, tinyImagenetObjects, ucMercedLaptop, ucMercedQuick } from "./recipes/photographs";
import { reportedMain, reportedOn, unknownOn } from "./shared/reported";

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
  datasetTable("places-365", "Places-365", "Places-365, 182 -> 365 classes, 224 x 224", reportedOn("Places-365")),
  datasetTable("vggface2", "VGGFace2", "VGGFace2, half of the identities -> all, 224 x 224", reportedOn("VGGFace2")),
  lfwTable,
  lfwOpenTable,
  ucMercedTable,
];
