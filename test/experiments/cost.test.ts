import { expect, test } from "vitest";
import { embeddingCost, transformationCost } from "../../lib/experiments/cost";
import { backbone, sideInformation, upgrade } from "../../lib/experiments/model";
import { multiplications, projectionMultiplications } from "../../lib/nn/operations";
import { recipesAt } from "../../lib/tables/recipes";

const recipes = recipesAt("quick", 0);
const old = backbone(recipes.backbone);
const side = sideInformation(recipes.simclr);
const images = 242 * 6;

test("embedding an image with the quick scale's ResNet-18 costs one", () => {
  expect(embeddingCost(old, "test")).toBe(images);
});

test("another network costs as many times as it multiplies, at its own side where it has one", () => {
  const vit = { kind: "vit", side: 16, patch: 4, width: 32, depth: 2, heads: 2, embedding: 128 } as const;
  const cost = embeddingCost(backbone({ ...recipes.backbone, architecture: vit }), "test");
  const unit = multiplications(recipes.backbone.architecture, 32);
  expect(cost / images).toBeCloseTo(multiplications(vit, 16) / unit, 10);
});

test("training sees every image of its classes thrice an epoch, forwards and backwards, and SimCLR two views of it", () => {
  const { epochs } = recipes.backbone.schedule;
  expect(embeddingCost(old, "training")).toBe(3 * epochs * 242 * 14);
  const [training, once] = [embeddingCost(side, "training"), embeddingCost(side, "views")];
  expect(training / once).toBeCloseTo(3 * 2 * recipes.simclr.schedule.epochs * 0.5, 10);
});

test("h costs what it multiplies; without side-information it maps the old embedding twice", () => {
  const recipe = recipes.transformation;
  const dimensions = { old: 128, side: 128, target: 128, inner: recipe.inner };
  const rows = 242 * 14 * recipe.views * recipe.schedule.epochs;
  const expected =
    (3 * rows * projectionMultiplications(dimensions)) / multiplications(recipes.backbone.architecture, 32);
  for (const given of [side, null]) {
    expect(transformationCost(upgrade(old, { target: old, side: given, recipe })) / expected).toBeCloseTo(1, 10);
  }
});
