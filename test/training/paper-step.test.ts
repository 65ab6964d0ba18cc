import { expect, test } from "vitest";
import { loadDataset } from "../../lib/data/load-dataset";
import { recipesAt } from "../../lib/tables/recipes/recipes";
import { tf } from "../../lib/tf/tensorflow";
import { trainBackbone } from "../../lib/training/backbone";
import { embedImages } from "../../lib/training/embed";
import { toyContext } from "./shapes-toy";

// One step of the published recipe on drawn images of the full size: sixteen images, in eight parts
// as the batch of 1,024.

test("the paper's ResNet-50 takes a step at 224 x 224, captured, and embeds to 128 dimensions", async () => {
  const { backbone } = recipesAt("paper", 0);
  const dataset = { name: "synthetic", side: 224, classes: 4, perClass: 4, seed: 0 } as const;
  const recipe = {
    ...backbone,
    dataset,
    batchSize: 16,
    schedule: { ...backbone.schedule, epochs: 1, warmup: 1 },
    augmentation: { kind: "flip" } as const,
  };
  const before = tf.memory().numTensors;
  const images = await loadDataset(dataset);
  const context = toyContext();
  const { weights, losses } = await trainBackbone(recipe, images, context);
  // A fresh classifier of four classes knows nothing: about ln 4, softened by the smoothing.
  expect(losses.length).toBe(1);
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses[0]).toBeLessThan(3);
  const embeddings = await embedImages({ architecture: recipe.architecture, weights }, images.test, null, context);
  expect([embeddings.rows, embeddings.columns]).toEqual([images.test.labels.length, 128]);
  expect(embeddings.data.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  expect(context.reasons).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});
