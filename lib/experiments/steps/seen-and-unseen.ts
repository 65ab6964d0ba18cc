import type { Step } from "../../core/artifacts/step";
import { unexpected } from "../../core/check";
import { loadDataset } from "../../data/load-dataset";
import { type ClassSelection, classesOf } from "../../data/splits/class-selection";
import { describe } from "../model/describe";
import { packedValues } from "../results/query-results";
import { type Evaluation, evaluationOf } from "./evaluation";

/** A search whose queries are told apart by whether the old model has seen their class. */
export interface BySight {
  readonly evaluation: Evaluation;
  readonly seen: ClassSelection;
}

/** Top-1 and mAP of either kind of query, in percent; every query searches the whole gallery. */
export const seenAndUnseen: Step<BySight> = {
  kind: "seen and unseen",
  version: 2,
  inputs: ({ evaluation }) => [evaluationOf(evaluation)],
  label: ({ evaluation: { query, gallery } }) =>
    `seen and unseen classes, ${describe(query)} searching ${describe(gallery)}`,
  cost: () => 0,
  run: async ({ evaluation: { dataset }, seen }, [found]) => {
    const { labels, classNames } = (await loadDataset(dataset)).test;
    const classes = new Set(classesOf(seen, classNames));
    if (classes.size === classNames.length) {
      throw unexpected("seen classes", `fewer than all ${classNames.length}`, classes.size);
    }
    const arrays = found?.arrays ?? {};
    const mean = (metric: "top1" | "mAP", isSeen: boolean): number => {
      const values = packedValues(arrays, metric);
      return meanOf(values.filter((value, i) => classes.has(labels[i] as number) === isSeen && !Number.isNaN(value)));
    };
    const facts = {
      seenTop1: mean("top1", true),
      seenMAP: mean("mAP", true),
      unseenTop1: mean("top1", false),
      unseenMAP: mean("mAP", false),
    };
    return { arrays: {}, facts };
  },
};

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
