import type { Matrix } from "../core/matrix";
import { type DatasetRecipe, loadDataset } from "../data/load-dataset";
import { contentHash } from "../data/splits/content-hash";
import type { ContentHash, ImageSplit } from "../data/splits/dataset";
import { retrievalFlips } from "../retrieval/flips";
import { datasetOf, type Model } from "./model/model";
import { runChoices } from "./run-options";
import { embeddingsIn } from "./steps/artifacts";
import { embeddingOf } from "./steps/embedding";
import type { Pair } from "./steps/evaluation";
import { withCache } from "./with-cache";

/**
 * The embeddings of a dataset's test split by a model, from the cache or made; by default of the
 * dataset that the model was trained on. The order is that of `testSplit`.
 */
export function testEmbeddings(model: Model, dataset: DatasetRecipe = datasetOf(model)): Promise<Matrix> {
  const request = embeddingOf(model, dataset);
  const { progress } = runChoices();
  return withCache([request], { progress }, async (obtain) => embeddingsIn(await obtain(request)));
}

/** A dataset's test split itself: labels, pixels, and class names that say what a class shows. */
export async function testSplit(dataset: DatasetRecipe): Promise<ImageSplit> {
  const { test } = await loadDataset(dataset);
  return test.titles === undefined ? test : { ...test, classNames: test.titles };
}

/**
 * What a dataset's images are known by: the SHA-256 of all pixels of either split under their class
 * names, whatever their order; of a dataset that is too large, of the paths and sizes of its files.
 */
export async function datasetHash(dataset: DatasetRecipe): Promise<ContentHash> {
  return contentHash(await loadDataset(dataset));
}

/** One class: its top-1 before and after an update, percent, and how many queries it has. */
export interface ClassFlips {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly queries: number;
}

/** Top-1 of the test queries of every class before and after an update. */
export async function changesByClass(
  before: Pair,
  after: Pair,
  dataset: DatasetRecipe,
): Promise<readonly ClassFlips[]> {
  const { labels, classNames } = await testSplit(dataset);
  const embed = (model: Model): ReturnType<typeof testEmbeddings> => testEmbeddings(model, dataset);
  const { classes } = retrievalFlips({
    before: { query: await embed(before.query), gallery: await embed(before.gallery) },
    after: { query: await embed(after.query), gallery: await embed(after.gallery) },
    labels,
  });
  return classes.map(({ label, before: old, after: now, n }) => {
    return { name: classNames[label] ?? String(label), before: 100 * old, after: 100 * now, queries: n };
  });
}
