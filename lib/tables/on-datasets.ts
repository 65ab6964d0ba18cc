import { committedFolder } from "../core/paths";
import { storedResult } from "../experiments/language/kinds/any-table";
import { isOfLanguage } from "../experiments/language/language-result";
import type { TableResult } from "../experiments/results/result";
import type { Table } from "../experiments/table";
import { datasetTables } from "./datasets";
import { mainTable } from "./main";

/** A result under a short name of what it is of. */
export interface NamedResult {
  readonly name: string;
  readonly result: TableResult;
}

const [tinyImagenet, lfw, lfwOpen, ucMerced] = ["tiny-imagenet", "lfw", "lfw-open", "uc-merced"].map((id) =>
  datasetTables.find((table) => table.id === id),
);

const named: readonly (readonly [name: string, table: Table | undefined, scale: string])[] = [
  ["characters, Omniglot", mainTable, "quick"],
  ["objects, CIFAR-100", mainTable, "laptop"],
  ["objects, Tiny-ImageNet", tinyImagenet, "laptop"],
  ["faces, LFW", lfw, "laptop"],
  ["faces of persons never seen, LFW", lfwOpen, "laptop"],
  ["scenes, UC Merced", ucMerced, "laptop"],
  ["scenes, UC Merced, half the width", ucMerced, "quick"],
];

/** Whether results of a table at a scale are among them. */
export function isOnDatasets(id: string, scale: string): boolean {
  return named.some(([, table, at]) => table?.id === id && at === scale);
}

/** The committed results of the main rows on every dataset that they were run on. */
export function resultsOnDatasets(folder: string = committedFolder()): readonly NamedResult[] {
  return named.flatMap(([name, table, scale]) => {
    const result = table && storedResult(table, scale, folder)?.result;
    return result === undefined || isOfLanguage(result) ? [] : [{ name, result }];
  });
}
