import { expect, test } from "vitest";
import { backbone, upgrade } from "../../../lib/experiments/model/construct";
import { describe, distinctNames } from "../../../lib/experiments/model/describe";
import type { Architecture } from "../../../lib/nn/networks/network";
import { recipesAt } from "../../../lib/tables/recipes/recipes";

const recipes = recipesAt("quick", 0);

test.each<[string, Architecture]>([
  ["ResNet-18", { kind: "resnet", depth: 18, embedding: 128 }],
  ["ResNet-18 of width 32", { kind: "resnet", depth: 18, embedding: 128, width: 32, stem: "small" }],
  ["wide ResNet-50-2", { kind: "resnet", depth: 50, embedding: 128, wide: 2 }],
  ["convolution net", { kind: "convolution-net", channels: 32, side: 32, embedding: 128 }],
  ["MobileNetV2", { kind: "mobilenet", width: 1, embedding: 128 }],
  ["MobileNetV2 x 0.5", { kind: "mobilenet", width: 0.5, embedding: 128, stem: "small" }],
  ["ViT-6/4", { kind: "vit", side: 32, patch: 4, width: 128, depth: 6, heads: 4, embedding: 128 }],
])("a backbone is called %s, and what it is trained on", (name, architecture) => {
  const model = backbone({ ...recipes.backbone, architecture });
  expect(describe(model)).toBe(`${name} on all classes`);
});

test("a name says which share of the images a model sees, and that those for validation are held out", () => {
  const { backbone: recipe } = recipes;
  const dataset = { ...recipe.dataset, validation: { seed: 0 } };
  const classes = { fraction: 0.5, shuffle: 0, images: 0.2 } as const;
  const folders = { folders: ["Greek"], images: 0.5 } as const;
  expect(
    [{ classes }, { classes: folders }, { dataset }].map((part) => describe(backbone({ ...recipe, ...part }))),
  ).toEqual([
    "ResNet-18 on 20 % of the images of 50 % of the classes",
    "ResNet-18 on 50 % of the images of Greek",
    "ResNet-18 on all classes without the images for validation",
  ]);
});

test("models that share a name are told apart by the settings in which they differ", () => {
  const old = backbone({ ...recipes.backbone, classes: recipes.half });
  const [small, large] = [32, 512].map((embedding) =>
    backbone({ ...recipes.backbone, architecture: { kind: "resnet", depth: 18, embedding } }),
  );
  const longer = backbone({ ...old.recipe, schedule: { ...old.recipe.schedule, epochs: 99 } });
  if (small === undefined || large === undefined) throw new Error("there are two");
  const { transformation } = recipes;
  const to = (target: typeof small, changes = {}) =>
    upgrade(old, { target, side: null, recipe: { ...transformation, inner: 64, ...changes } });
  const linear = { linear: true, inner: 8 } as const;
  expect(distinctNames([small, large, longer, old])).toEqual([
    "ResNet-18 on all classes (32-d)",
    "ResNet-18 on all classes (512-d)",
    "ResNet-18 on 50 % of the classes (99 epochs)",
    `ResNet-18 on 50 % of the classes (${old.recipe.schedule.epochs} epochs)`,
  ]);
  expect(
    distinctNames([to(small), to(small, { inner: 256 }), to(small, linear), to(small, { ...linear, inner: 9 })]),
  ).toEqual(
    ["h (inner width 64)", "h (inner width 256)", "h (linear, inner width 8)", "h (linear, inner width 9)"].map(
      (name) => `${name}, no side-information`,
    ),
  );
  expect(distinctNames([small, large, to(small), to(large)]).slice(2)).toEqual(
    [32, 512].map(
      (size) => `h, no side-information: ResNet-18 on 50 % of the classes to ResNet-18 on all classes (${size}-d)`,
    ),
  );
});

test("models that share a name and these settings are told apart: an upgrade by its ends, any other by a number", () => {
  const old = backbone({ ...recipes.backbone, classes: recipes.half });
  const [next, other] = [recipes.backbone, { ...recipes.backbone, batchSize: 64 }].map((each) => backbone(each));
  if (next === undefined || other === undefined) throw new Error("there are two");
  const recipe = recipes.transformation;
  const upgrades = [old, other].map((from) => upgrade(from, { target: next, side: null, recipe }));
  expect(distinctNames([next, old, other, ...upgrades])).toEqual([
    "ResNet-18 on all classes",
    "ResNet-18 on 50 % of the classes",
    "ResNet-18 on all classes (2)",
    "h, no side-information: ResNet-18 on 50 % of the classes to ResNet-18 on all classes",
    "h, no side-information: ResNet-18 on all classes to ResNet-18 on all classes",
  ]);
});
