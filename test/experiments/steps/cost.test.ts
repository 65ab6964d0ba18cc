import { expect, test } from "vitest";
import { selectedImages } from "../../../lib/data/dataset-size";
import { aligned, backbone, distilled, sideInformation, upgrade } from "../../../lib/experiments/model/construct";
import {
  embeddingCost,
  embeddingNeeds,
  multiplicationsOf,
  searchCost,
  trainingCost,
  trainingNeeds,
  transformationCost,
  transformationNeeds,
} from "../../../lib/experiments/steps/cost";
import { activationValues, multiplications, transformationMultiplications } from "../../../lib/nn/networks/operations";
import { recipesAt } from "../../../lib/tables/recipes/recipes";

const recipes = recipesAt("quick", 0);
const old = backbone(recipes.backbone);
const side = sideInformation(recipes.simclr);
const images = 242 * 14;
const pass = multiplications(recipes.backbone.architecture, 32);

test("embedding costs what the network multiplies at the images' size", () => {
  expect(embeddingCost(old, 10)).toBe(10 * pass);
  expect(multiplicationsOf(side)).toBe(multiplications(recipes.simclr.architecture, 32));
});

test("training sees every image of its classes thrice an epoch, forwards and backwards, and SimCLR two views of it", () => {
  const { epochs } = recipes.backbone.schedule;
  expect(trainingCost(old)).toBe(3 * epochs * images * pass);
  const perImage = trainingCost(side) / multiplicationsOf(side) / selectedImages(recipes.simclr);
  expect(perImage).toBeCloseTo(3 * 2 * recipes.simclr.schedule.epochs, 10);
  expect(selectedImages(recipes.simclr)).toBe(images / 2);
});

test("training on the alphabets of an archive sees the images of these alphabets", () => {
  const { dataset, before } = recipes.datasetChange;
  const { epochs } = recipes.pairBackbone.schedule;
  const model = backbone({ ...recipes.pairBackbone, dataset, classes: before });
  expect(trainingNeeds(model).items).toBe(epochs * 136 * 14);
});

test("an old network that is looked at costs a forward pass more", () => {
  const { epochs } = recipes.backbone.schedule;
  expect(trainingCost(aligned(recipes.backbone, { old }))).toBe(4 * epochs * images * pass);
  const masked = { kind: "masked", mask: "student-wrong", temperature: 2 } as const;
  const next = backbone(recipes.backbone);
  const taught = distilled(recipes.backbone, { old, next, distillation: masked });
  expect(trainingCost(taught)).toBe(5 * epochs * images * pass);
});

test("h costs what it multiplies; without side-information it maps the old embedding twice", () => {
  const recipe = recipes.transformation;
  const dimensions = { old: 128, side: 128, target: 128, inner: recipe.inner };
  const rows = images * recipe.views * recipe.schedule.epochs;
  const expected = 3 * rows * transformationMultiplications(dimensions);
  for (const given of [side, null]) {
    expect(transformationCost(upgrade(old, { target: old, side: given, recipe })) / expected).toBeCloseTo(1, 10);
  }
  const half = upgrade(old, { target: old, side, recipe: { ...recipe, share: 0.5 } });
  expect(transformationCost(half) / expected).toBeCloseTo(0.5, 10);
});

test("h costs what its own form multiplies: one linear map, or a mixer of other depth", () => {
  const of = (form: { readonly linear?: true; readonly layers?: number }): number =>
    multiplicationsOf(upgrade(old, { target: old, side, recipe: { ...recipes.transformation, inner: 512, ...form } }));
  expect(of({ linear: true })).toBe(256 * 128);
  expect([of({ layers: 0 }), of({}), of({ layers: 4 })]).toEqual([262_144, 786_432, 1_310_720]);
});

test("a search compares every test item with every other", () => {
  expect(searchCost(recipes.backbone.dataset, 128)).toBe((242 * 6) ** 2 * 128);
});

test("needs count the items that work goes through and the memory it takes", () => {
  const recipe = recipes.transformation;
  const h = upgrade(old, { target: old, side, recipe });
  expect(transformationNeeds(h)).toEqual({
    items: images * recipe.views * recipe.schedule.epochs,
    bytes: 4 * images * recipe.views * 3 * 128,
  });
  expect(embeddingNeeds(old, 1000)).toEqual({ items: 1000, bytes: 4 * 1000 * 128 });
  const whole = trainingNeeds(old);
  expect(whole.items).toBe(recipes.backbone.schedule.epochs * images);
  const kept = 4 * activationValues(recipes.backbone.architecture, 32);
  // Eight parts of a batch hold an eighth of its activations, and the same weights, gradients and slots.
  const parts = trainingNeeds(backbone({ ...recipes.backbone, accumulation: 8 }));
  expect(whole.bytes - parts.bytes).toBe(kept * (128 - 16));
});
