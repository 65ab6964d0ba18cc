import { describe, expect, it } from "vitest";
import { selectedImages, sizeOf } from "../../lib/data/dataset-size";
import { type DatasetRecipe, loadDataset } from "../../lib/data/load-dataset";
import { omniglotAlphabets } from "../../lib/data/readers/omniglot";
import { type ClassSelection, selectedSplit } from "../../lib/data/splits/class-selection";

const omniglot: DatasetRecipe = { name: "omniglot", side: 8 };
const shapes: DatasetRecipe = { name: "shapes", side: 8, perClass: 2, seed: 0 };
const cifar: DatasetRecipe = { name: "cifar-100", side: 32 };

describe("sizeOf", () => {
  // Omniglot, which takes seconds to decode, comes last: it is still held for the next tests.
  it.each<DatasetRecipe>([
    shapes,
    { ...shapes, labels: "colour" },
    { name: "synthetic", side: 8, classes: 3, perClass: 4, seed: 0 },
    { ...shapes, perClass: 21, validation: { seed: 4 } },
    { name: "synthetic", side: 8, classes: 3, perClass: 1, seed: 0, validation: { seed: 0 } },
    omniglot,
    { ...omniglot, validation: { seed: 0 } },
  ])("is the number of images that %j has", async (recipe) => {
    const { train, test } = await loadDataset(recipe);
    expect(sizeOf(recipe)).toEqual({ train: train.labels.length, test: test.labels.length });
  });

  it.each<[DatasetRecipe, number, number]>([
    [{ name: "tiny-imagenet", side: 64, classes: null }, 100_000, 10_000],
    [{ name: "tiny-imagenet-32px", side: 32, classes: 100 }, 50_000, 5_000],
    [cifar, 50_000, 10_000],
    [{ ...cifar, validation: { seed: 0 } }, 45_000, 5_000],
    [{ name: "uc-merced-64px", side: 64, validation: { seed: 2 } }, 1_512, 168],
    [{ name: "uc-merced-64px", side: 32 }, 1_680, 420],
    [{ name: "fashion-mnist", side: 28 }, 60_000, 10_000],
    [{ name: "imagenet-1k", side: 224 }, 1_281_167, 50_000],
  ])("of %j is %i and %i", (recipe, train, test) => {
    expect(sizeOf(recipe)).toEqual({ train, test });
  });
});

describe("selectedImages", () => {
  it.each<[string, DatasetRecipe, ClassSelection]>([
    ["all", omniglot, "all"],
    ["half of them", omniglot, { fraction: 0.5, shuffle: 3 }],
    ["the other half", omniglot, { fraction: 0.5, shuffle: null, after: 0.5 }],
    ["the alphabets of an archive", omniglot, { folders: omniglotAlphabets.first }],
    ["those of the other, and one twice", omniglot, { folders: [...omniglotAlphabets.second, "Latin"] }],
    ["shapes of two colours", shapes, { folders: ["red", "blue"] }],
    ["half of the images", omniglot, { fraction: 1, shuffle: null, images: 0.5 }],
    ["a seventh of the images of some", omniglot, { folders: omniglotAlphabets.first, images: 1 / 7 }],
    ["without those for validation", { ...omniglot, validation: { seed: 0 } }, { fraction: 0.5, shuffle: 3 }],
  ])("is the number of training images of the selected classes: %s", async (_, dataset, classes) => {
    const { train } = await loadDataset(dataset);
    expect(selectedImages({ dataset, classes })).toBe(selectedSplit(train, classes).labels.length);
  });

  it("takes shares of datasets that are not here, and refuses a folder that a known one lacks", () => {
    expect(selectedImages({ dataset: cifar, classes: { fraction: 0.25, shuffle: 1, after: 0.5 } })).toBe(12_500);
    const places: DatasetRecipe = { name: "places-365", side: 224 };
    expect(selectedImages({ dataset: places, classes: { folders: ["outdoor"] } })).toBe(sizeOf(places).train);
    expect(() => selectedImages({ dataset: omniglot, classes: { folders: ["Klingon"] } })).toThrow("Klingon");
  });
});
