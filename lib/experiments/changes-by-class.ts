import type { DatasetRecipe } from "../data/load-dataset";
import { retrievalFlips } from "../retrieval/flips";
import type { Pair } from "./evaluation-steps";
import type { Model } from "./model";
import { testEmbeddings, testSplit } from "./test-embeddings";

/** Top-1 of the test queries of every class before and after an update, percent. */
export async function changesByClass(
  before: Pair,
  after: Pair,
  dataset: DatasetRecipe,
): Promise<readonly { readonly name: string; readonly before: number; readonly after: number }[]> {
  const { labels, classNames } = await testSplit(dataset);
  const embed = (model: Model): ReturnType<typeof testEmbeddings> => testEmbeddings(model, dataset);
  const { classes } = retrievalFlips({
    before: { query: await embed(before.query), gallery: await embed(before.gallery) },
    after: { query: await embed(after.query), gallery: await embed(after.gallery) },
    labels,
  });
  return classes.map(({ label, before: old, after: now }) => {
    return { name: classNames[label] ?? String(label), before: 100 * old, after: 100 * now };
  });
}
