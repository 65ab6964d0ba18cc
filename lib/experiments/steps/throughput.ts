import type { Step, StepContext } from "../../core/artifacts/step";
import { matrix } from "../../core/matrix";
import { median } from "../../core/median";
import { random } from "../../core/random";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { selectImages } from "../../data/splits/dataset";
import { embedImages, mapEmbeddings } from "../../training/embed";
import { describe } from "../model/describe";
import { dimensionsOf, type ImageModel, type Model, type Upgrade } from "../model/model";
import { multiplicationsOf } from "./cost";
import { network, trainingOf } from "./training";

interface Throughput {
  readonly model: Exclude<Model, { readonly kind: "chain" }>;
  readonly dataset: DatasetRecipe;
}

/**
 * How fast a model embeds the test images, or maps stored vectors: the median of `runs` after one
 * run to warm up. This is a measurement, so it is not repeatable to the bit.
 */
export const throughput: Step<Throughput> = {
  kind: "throughput",
  version: 2,
  inputs: ({ model }) => [trainingOf(model)],
  label: ({ model }) => `items per second of ${describe(model)}`,
  cost: ({ model }) => (runs + 1) * vectors * multiplicationsOf(model),
  run: async ({ model, dataset }, [weights], context) => {
    const work =
      model.kind === "upgrade"
        ? mapping(model, weights?.arrays ?? {})
        : await embedding(network(model, weights), dataset, context);
    const itemsPerSecond = await medianRate(work);
    return { arrays: {}, facts: { itemsPerSecond, hoursPerBillion: 1e9 / itemsPerSecond / 3600 } };
  },
};

const runs = 5;
const vectors = 50_000;
const fewestImages = 10_000;

/** Some work on a number of items. */
interface Work {
  readonly items: number;
  readonly run: () => unknown;
}

async function embedding(
  model: ReturnType<typeof network>,
  dataset: DatasetRecipe,
  context: StepContext,
): Promise<Work> {
  const { test } = await loadDataset(dataset);
  const images = test.labels.length;
  // Repeated, so that preparing the graph hardly counts.
  const items = images * Math.ceil(fewestImages / images);
  const repeated = selectImages(
    test,
    Int32Array.from({ length: items }, (_, index) => index % images),
  );
  return { items, run: () => embedImages(model, repeated, null, context) };
}

function mapping({ recipe, old, side }: Upgrade, weights: Parameters<typeof mapEmbeddings>[1]): Work {
  const stream = random("throughput");
  const normal = (model: ImageModel) => {
    const columns = dimensionsOf(model);
    return matrix(vectors, columns, Float32Array.from({ length: vectors * columns }, stream.normal));
  };
  const stored = { old: normal(old), side: normal(side ?? old) };
  return { items: vectors, run: () => mapEmbeddings(recipe, weights, stored) };
}

async function medianRate({ items, run }: Work): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const start = performance.now();
    await run();
    if (i > 0) seconds.push((performance.now() - start) / 1000);
  }
  return items / median(seconds);
}
