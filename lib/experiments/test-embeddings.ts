import { environmentOf } from "../core/environment";
import type { Matrix } from "../core/matrix";
import { cacheFolder, runChoices } from "../core/paths";
import { progressLine } from "../core/progress";
import { cached, pendingOf } from "../core/step";
import type { ImageSplit } from "../data/dataset";
import { type DatasetRecipe, loadDataset } from "../data/load-dataset";
import { device } from "../tf/device";
import { embeddingsOf } from "./embedding-artifact";
import { embedded } from "./embedding-steps";
import { untilInterrupted } from "./interrupt";
import type { Model } from "./model";
import { runProgress } from "./run-progress";

/** The embeddings of a dataset's test split by a model, for looking closer than a table does; made where the cache lacks them. */
export function testEmbeddings(model: Model, dataset: DatasetRecipe): Promise<Matrix> {
  const wanted = embedded(model, dataset);
  const folder = cacheFolder();
  const progress = runProgress(progressLine(runChoices().progress), pendingOf([wanted], folder), {
    total: 1,
    done: () => 0,
  });
  return untilInterrupted(async (signal) =>
    embeddingsOf(await cached(wanted, { folder, environment: environmentOf(device()), signal, ...progress })),
  );
}

/** The test split itself: labels, class names, pixels. */
export async function testSplit(dataset: DatasetRecipe): Promise<ImageSplit> {
  return (await loadDataset(dataset)).test;
}
