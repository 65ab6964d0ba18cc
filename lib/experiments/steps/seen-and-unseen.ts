import type { Step } from "../../core/artifacts/step";
import { unexpected } from "../../core/check";
import { loadDataset } from "../../data/load-dataset";
import { type ClassSelection, classesOf } from "../../data/splits/class-selection";
import { evaluateRetrieval, meansOf } from "../../retrieval/evaluate";
import type { PerQuery } from "../../retrieval/metrics/query-metrics";
import { describe } from "../model/describe";
import { dimensionsOf } from "../model/model";
import { embeddingsIn } from "./artifacts";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";
import type { Evaluation } from "./evaluation";

/** A search whose queries are told apart by whether the old model has seen their class. */
interface BySight extends Pick<Evaluation, "query" | "gallery" | "dataset"> {
  readonly seen: ClassSelection;
}

/** Top-1 and mAP of either kind of query, in percent; every query searches the whole gallery. */
export const seenAndUnseen: Step<BySight> = {
  kind: "seen and unseen",
  version: 1,
  inputs: ({ query, gallery, dataset }) => [embeddingOf(query, dataset), embeddingOf(gallery, dataset)],
  label: ({ query, gallery }) => `seen and unseen classes, ${describe(query)} searching ${describe(gallery)}`,
  cost: ({ query, dataset }) => searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset, seen }, [queries, gallery]) => {
    const { labels, classNames } = (await loadDataset(dataset)).test;
    const classes = new Set(classesOf(seen, classNames));
    if (classes.size === classNames.length) {
      throw unexpected("seen classes", `fewer than all ${classNames.length}`, classes.size);
    }
    const { perQuery } = evaluateRetrieval({
      query: embeddingsIn(queries),
      gallery: embeddingsIn(gallery),
      labels,
      excludeSelf: true,
    });
    const of = (isSeen: boolean): ReturnType<typeof meansOf> =>
      meansOf(queriesWhere(perQuery, (index) => classes.has(labels[index] as number) === isSeen));
    const [known, unknown] = [of(true), of(false)];
    const facts = {
      seenTop1: 100 * known.top1,
      seenMAP: 100 * known.mAP,
      unseenTop1: 100 * unknown.top1,
      unseenMAP: 100 * unknown.mAP,
    };
    return { arrays: {}, facts };
  },
};

function queriesWhere(perQuery: PerQuery, isChosen: (index: number) => boolean): PerQuery {
  const { firstMatch, averagePrecision, rPrecision, averagePrecisionAtR } = perQuery;
  const chosen = (_: number, index: number): boolean => isChosen(index);
  return {
    firstMatch: firstMatch.filter(chosen),
    averagePrecision: averagePrecision.filter(chosen),
    rPrecision: rPrecision.filter(chosen),
    averagePrecisionAtR: averagePrecisionAtR.filter(chosen),
  };
}
