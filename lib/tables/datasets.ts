import type { Reported } from "../experiments/results/result";
import type { Row, Table } from "../experiments/table";
import { mainRows } from "./main";
import type { Recipes } from "./recipes/base";
import { type PaperDataset, paper } from "./recipes/paper";
import { cifar100, lfwFaces, lfwOthers, ucMercedLaptop, ucMercedQuick } from "./recipes/photographs";
import { reportedMain, reportedOn, unknownOn } from "./shared/reported";

const shared = { notebook: "05-dataset-change", gap: { from: "old-old", to: "new-new" } } as const;

/** The main table on another published dataset than ImageNet-1k, at the paper's scale. */
function datasetTable(name: PaperDataset, title: string, dataset: string, reported: typeof reportedMain): Table {
  return {
    id: name,
    title: `${title}: half of the classes to all`,
    ...shared,
    scales: { paper: { seeds: 1, dataset } },
    rows: (_, seed) => mainRows(paper(name, seed), reported),
  };
}

const onlyOn =
  (dataset: string) =>
  (id: string): readonly Reported[] =>
    reportedMain(id).filter((reported) => reported.dataset === dataset);

const onCifar = onlyOn("CIFAR-100");

/** At the laptop scale, the published images and classes with a smaller network. */
const cifarTable: Table = {
  id: "cifar-100",
  title: "CIFAR-100: half of the classes to all",
  ...shared,
  scales: {
    laptop: {
      seeds: 1,
      dataset: "CIFAR-100, the first 50 -> 100 classes in the order of their labels as text, 32 x 32",
    },
    paper: { seeds: 1, dataset: "CIFAR-100, 50 -> 100 classes, resized to 224 x 224" },
  },
  notes: [
    "Published numbers are of the same test images, enlarged to 224 x 224 pixels, and of a ResNet-50.",
    "The published side-information is SimCLR of all of ImageNet-1k; here it is SimCLR of the 50 old classes.",
    "BT-2's BCT has a classifier made of the class means of all classes, with weight 10; here it is the old one, with weight 1.",
  ],
  rows: (scale, seed) => mainRows(scale === "laptop" ? cifar100(seed) : paper("cifar-100", seed), onCifar),
};

const seenMeasures = [
  { id: "seenMAP", title: "mAP of seen classes (%)", decimals: 1 },
  { id: "unseenMAP", title: "mAP of unseen classes (%)", decimals: 1 },
] as const;

/** The main rows with the metrics of classes that the old model has seen and has not seen. */
function rowsBySight(recipes: Recipes, dataset: string): readonly Row[] {
  const measurements = [{ kind: "seen-and-unseen", seen: recipes.half }] as const;
  return mainRows(recipes, () => unknownOn(dataset)).map((row) => ({ ...row, measurements }));
}

const lfwTable: Table = {
  id: "lfw",
  title: "LFW faces: half of the persons to all",
  ...shared,
  scales: { laptop: { seeds: 1, dataset: "LFW, 79 -> 158 persons, tested on other images of theirs, 64 x 64" } },
  measures: seenMeasures,
  notes: ["Images of people are never shown."],
  rows: (_, seed) => rowsBySight(lfwFaces(seed), "VGGFace2"),
};

const lfwOpenTable: Table = {
  id: "lfw-open",
  title: "LFW faces, open set: tested on persons whom no model has seen",
  ...shared,
  scales: { laptop: { seeds: 1, dataset: "LFW, 79 -> 158 persons, tested on 1,522 others, 64 x 64" } },
  notes: ["The models are those of table lfw.", "Images of people are never shown."],
  rows: (_, seed) =>
    mainRows(lfwFaces(seed), () => unknownOn("VGGFace2")).map((row) => ({ ...row, dataset: lfwOthers })),
};

const landUse = "UC Merced aerial scenes, 10 -> 21 classes drawn by the seed, 64 x 64";

const ucMercedTable: Table = {
  id: "uc-merced",
  title: "UC Merced aerial scenes: half of the classes to all",
  ...shared,
  scales: { quick: { seeds: 1, dataset: landUse }, laptop: { seeds: 1, dataset: landUse } },
  measures: seenMeasures,
  rows: (scale, seed) => rowsBySight(scale === "quick" ? ucMercedQuick(seed) : ucMercedLaptop(seed), "Places-365"),
};

/**
 * The main table on other datasets than ImageNet-1k: the published ones, of which CIFAR-100 also
 * with a small network, and small photographs of objects, faces and scenes.
 */
export const datasetTables: readonly Table[] = [
  cifarTable,
  datasetTable("places-365", "Places-365", "Places-365, 182 -> 365 classes, 224 x 224", reportedOn("Places-365")),
  datasetTable("vggface2", "VGGFace2", "VGGFace2, half of the identities -> all, 224 x 224", reportedOn("VGGFace2")),
  lfwTable,
  lfwOpenTable,
  ucMercedTable,
];
