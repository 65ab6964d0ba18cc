import { committedFolder } from "../core/paths";
import { storedResult } from "../experiments/language/kinds/any-table";
import { isOfLanguage } from "../experiments/language/language-result";
import type { TableResult } from "../experiments/results/result";
import { tableNamed } from "./tables";

/** A result under a short name of what it is of. */
export interface NamedResult {
  readonly name: string;
  readonly result: TableResult;
}

const named: readonly (readonly [name: string, table: string, scale: string])[] = [
  ["characters, Omniglot", "main", "quick"],
  ["objects, CIFAR-100", "main", "laptop"],
  ["objects, Tiny-ImageNet", "tiny-imagenet", "laptop"],
  ["faces, LFW", "lfw", "laptop"],
  ["faces of persons never seen, LFW", "lfw-open", "laptop"],
  ["scenes, UC Merced", "uc-merced", "laptop"],
  ["scenes, UC Merced, half the width", "uc-merced", "quick"],
];

/** Whether results of a table at a scale are among them. */
export function isOnDatasets(id: string, scale: string): boolean {
  return named.some(([, table, at]) => table === id && at === scale);
}

/** The committed results of the main rows on every dataset that they were run on. */
export function resultsOnDatasets(folder: string = committedFolder()): readonly NamedResult[] {
  return named.flatMap(([name, table, scale]) => {
    const result = storedResult(tableNamed(table), scale, folder)?.result;
    return result === undefined || isOfLanguage(result) ? [] : [{ name, result }];
  });
}
