import type { Step, StepContext } from "../../core/artifacts/step";
import { type Matrix, matrix } from "../../core/matrix";
import { median } from "../../core/median";
import { random } from "../../core/random";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { selectImages } from "../../data/splits/dataset";
import { embedImages, mapEmbeddings } from "../../training/embed";
import { describe } from "../model/describe";
import { type Adapted, dimensionsOf, endsOf, type ImageModel, type Upgrade } from "../model/model";
import { openedAdapter } from "./adapted";
import { adapterMultiplications, multiplicationsOf } from "./cost";
import { network } from "./image-training";
import { trainingOf } from "./training";

interface Throughput {
  readonly model: ImageModel | Upgrade;
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

/**
 * How long an adapter takes for a vector, in batches: fact "microseconds", measured in the same
 * way.
 */
export const mappingTime: Step<Adapted> = {
  kind: "mapping time",
  version: 1,
  inputs: (model) => [trainingOf(model)],
  label: (model) => `microseconds a vector of ${describe(model)}`,
  cost: (model) => (runs + 1) * vectors * adapterMultiplications(model),
  run: async (model, [weights]) => {
    const adapter = openedAdapter(weights);
    try {
      const normal = madeUp();
      const old = normal(endsOf(model).from);
      const side = model.side && normal(model.side);
      const itemsPerSecond = await medianRate({ items: vectors, run: () => adapter.mapAll({ old, side }) });
      return { arrays: {}, facts: { microseconds: 1e6 / itemsPerSecond } };
    } finally {
      adapter.dispose();
    }
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
  const normal = madeUp();
  const stored = { old: normal(old), side: normal(side ?? old) };
  return { items: vectors, run: () => mapEmbeddings(recipe, weights, stored) };
}

/** Makes stored vectors of normal values, which are drawn one after the other. */
function madeUp(): (model: ImageModel) => Matrix {
  const stream = random("throughput");
  return (model) => {
    const columns = dimensionsOf(model);
    return matrix(vectors, columns, Float32Array.from({ length: vectors * columns }, stream.normal));
  };
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
