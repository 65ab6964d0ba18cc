import { describe, expect, it } from "vitest";
import { type DatasetRecipe, loadDataset } from "../../lib/data/load-dataset";

const shapes = (seed: number): DatasetRecipe => ({ name: "shapes", side: 8, perClass: 1, seed });

describe("loadDataset", () => {
  it("reads equal recipes once", () => {
    expect(loadDataset({ seed: 1, perClass: 1, side: 8, name: "shapes" })).toBe(loadDataset(shapes(1)));
  });

  it("holds the two datasets used last, and lets go of what was used before", () => {
    const [first, second] = [loadDataset(shapes(1)), loadDataset(shapes(2))];
    for (let turn = 0; turn < 3; turn++) {
      expect(loadDataset(shapes(1))).toBe(first);
      expect(loadDataset(shapes(2))).toBe(second);
    }
    expect(loadDataset(shapes(1))).toBe(first);
    loadDataset(shapes(3));
    expect(loadDataset(shapes(1))).toBe(first);
    expect(loadDataset(shapes(2))).not.toBe(second);
  });

  it("tries one that failed again", async () => {
    const failing: DatasetRecipe = { name: "omniglot", side: 106 };
    const first = loadDataset(failing);
    await expect(first).rejects.toThrow("got 106");
    expect(loadDataset(failing)).not.toBe(first);
    await expect(loadDataset(failing)).rejects.toThrow("got 106");
  });
});
