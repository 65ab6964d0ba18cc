import type { Reported } from "../experiments/results/result";
import type { Table } from "../experiments/table";
import { mainRows } from "./main";
import { type PaperDataset, paper } from "./recipes/paper";
import { reportedMain, reportedOn } from "./shared/reported";

/** The main table on another published dataset than ImageNet-1k, at the paper's scale. */
function datasetTable(
  name: PaperDataset,
  title: string,
  dataset: string,
  reported: typeof reportedMain,
  notes: readonly string[] = [],
): Table {
  return {
    id: name,
    title: `${title}: half of the classes to all`,
    notebook: "05-dataset-change",
    scales: { paper: { seeds: 1, dataset } },
    gap: { from: "old-old", to: "new-new" },
    ...(notes.length === 0 ? {} : { notes }),
    rows: (_, seed) => mainRows(paper(name, seed), reported),
  };
}

const onlyOn =
  (dataset: string) =>
  (id: string): readonly Reported[] =>
    reportedMain(id).filter((reported) => reported.dataset === dataset);

/** The main table on the other published datasets; VGGFace2's classes are persons. */
export const datasetTables: readonly Table[] = [
  datasetTable("cifar-100", "CIFAR-100", "CIFAR-100, 50 -> 100 classes, resized to 224 x 224", onlyOn("CIFAR-100"), [
    "The published figure with side-information is of SimCLR trained on all of ImageNet-1k. Here SimCLR sees the 50 old classes: another experiment, which cannot reproduce it.",
  ]),
  datasetTable("places-365", "Places-365", "Places-365, 182 -> 365 classes, 224 x 224", reportedOn("Places-365")),
  datasetTable("vggface2", "VGGFace2", "VGGFace2, half of the identities -> all, 224 x 224", reportedOn("VGGFace2")),
];
