import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/core/hash";
import { backbone, compatible, sideInformation, upgrade } from "../../../lib/experiments/model/construct";
import { recipesAt } from "../../../lib/tables/recipes/recipes";
import { batchHardTriplet, cosface, cosine, fastfill, softmax, squaredError } from "../../../lib/training/loss-values";

const recipes = recipesAt("quick", 3);
const { backbone: base, simclr, autoencoder, transformation } = recipes;
const target = backbone(base);

/** Callers without types may pass anything. */
const untyped = backbone as (recipe: unknown, changes: unknown) => unknown;

describe("a model with changes", () => {
  test("without any, is the recipe's own, to the byte", () => {
    expect(canonicalJson(backbone(base).recipe)).toBe(canonicalJson(base));
    expect(canonicalJson(sideInformation(simclr).recipe)).toBe(canonicalJson(simclr));
    const h = upgrade(target, { target, side: null, recipe: transformation });
    expect(canonicalJson(h.recipe)).toBe(canonicalJson(transformation));
  });

  test("that are undefined is the recipe's own", () => {
    const none = { seed: undefined, batchSize: undefined, epochs: undefined, schedule: undefined };
    expect(canonicalJson(untyped(base, { ...none, dataset: undefined, loss: undefined }))).toBe(canonicalJson(target));
    const h = upgrade(target, { target, side: null, recipe: transformation, ...(none as object) });
    expect(canonicalJson(h.recipe)).toBe(canonicalJson(transformation));
    const side = sideInformation(simclr, { ...none, temperature: undefined } as object);
    expect(canonicalJson(side.recipe)).toBe(canonicalJson(simclr));
  });

  test("takes parts of the architecture, the schedule and the loss by flat names, and any member", () => {
    const { recipe } = backbone(base, { loss: cosface, embedding: 64, epochs: 5, batchSize: 32 });
    expect(recipe).toEqual({
      ...base,
      loss: { kind: "cosface", scale: 16, margin: 0.2 },
      architecture: { ...base.architecture, embedding: 64 },
      schedule: { ...base.schedule, epochs: 5 },
      batchSize: 32,
    });
    expect(sideInformation(simclr, { embedding: 16, temperature: 0.5 }).recipe).toMatchObject({ temperature: 0.5 });
    const bct = compatible(base, { old: target, weight: 2, learningRate: 0.05 });
    expect([bct.weight, bct.recipe.schedule]).toEqual([2, { ...base.schedule, learningRate: 0.05 }]);
  });

  test("takes a loss with or without a call, and the default as no loss at all", () => {
    const marked = backbone(base, { loss: cosface({ margin: 0.4 }) }).recipe;
    expect(marked.loss).toEqual({ kind: "cosface", scale: 16, margin: 0.4 });
    expect(canonicalJson(backbone(marked, { loss: softmax }).recipe)).toBe(canonicalJson(base));
    const h = upgrade(target, { target, side: null, recipe: transformation, loss: cosine, epochs: 7 });
    expect(h.recipe).toEqual({
      ...transformation,
      loss: { kind: "cosine" },
      schedule: { ...transformation.schedule, epochs: 7 },
    });
    const plain = upgrade(target, { target, side: null, recipe: h.recipe, loss: squaredError, epochs: 30 });
    expect(canonicalJson(plain.recipe)).toBe(canonicalJson(transformation));
    expect(upgrade(target, { target, side: null, loss: fastfill }).recipe.loss?.kind).toBe("fastfill");
  });
});

test("an upgrade without a recipe has the quick scale's, with the target's seed and, for directions, the cosine loss", () => {
  expect(upgrade(target, { target, side: null }).recipe).toEqual(transformation);
  const directed = backbone(base, { loss: cosface });
  expect(upgrade(target, { target: directed, side: null }).recipe).toEqual({
    ...transformation,
    loss: { kind: "cosine" },
  });
});

describe("a change is refused with what is allowed", () => {
  test.each([
    ["an unknown name", { epoch: 5 }, /change of a backbone: expected one of .*epochs, .*loss.*, got epoch$/],
    ["no epochs", { epochs: 0 }, /^epochs: .*at least 1, got 0$/],
    [
      "a warm-up longer than the training",
      { epochs: 2 },
      /^warmup: expected at most the 2 epochs; change it too, got 3$/,
    ],
    ["half a dimension", { embedding: 0.5 }, /^embedding: .*got 0\.5$/],
    ["a batch of one", { batchSize: 1 }, /^batchSize: .*at least 2, got 1$/],
    ["no learning rate", { learningRate: 0 }, /^learningRate: .*above 0, got 0$/],
    ["all label smoothing", { labelSmoothing: 1 }, /^labelSmoothing: .*\[0, 1\), got 1$/],
    ["a loss by its name", { loss: "cosface" }, /^loss: .*such as cosface, got cosface$/],
    ["no parts of a batch", { accumulation: 0 }, /^parts of a batch of 128: .*at least 2 items, got 0$/],
    [
      "a class in each part of a batch",
      { loss: batchHardTriplet, accumulation: 32 },
      /^parts of a batch of 128 with 4 .*at least 2 whole classes, got 32$/,
    ],
    ["a margin out of range", { loss: () => cosface({ margin: 3 }) }, /^cosface margin: .*\[0, 2\), got 3$/],
  ])("%s", (_, changes, message) => {
    expect(() => untyped(base, changes)).toThrow(message);
  });

  test.each([
    ["share", { share: 2 }, "(0, 1], got 2"],
    ["share", { share: 0 }, "(0, 1], got 0"],
    ["frozenNormShare", { frozenNormShare: 2 }, "[0, 1], got 2"],
    ["frozenNormShare", { frozenNormShare: -1 }, "[0, 1], got -1"],
    ["frozenNormShare", { frozenNormShare: Number.NaN }, "[0, 1], got NaN"],
    ["layers", { layers: 5 }, "from 0 to 4, got 5"],
    ["layers", { layers: 1.5 }, "from 0 to 4, got 1.5"],
  ])("%s of h: %j", (name, changes, said) => {
    const refused = () => upgrade(target, { target, side: null, ...changes });
    expect(refused).toThrow(RangeError);
    expect(refused).toThrow(new RegExp(`^${name}: .*${said.replace(/[[(\])]/g, "\\$&")}$`));
  });

  test("the ends of what is allowed are not", () => {
    const h = { share: 1, frozenNormShare: 0, layers: 0 };
    expect(upgrade(target, { target, side: null, ...h }).recipe).toMatchObject(h);
    expect(upgrade(target, { target, side: null, frozenNormShare: 1 }).recipe.frozenNormShare).toBe(1);
  });

  test("a temperature of zero or of an autoencoder, views of none, a forgotten side", () => {
    expect(() => sideInformation(simclr, { temperature: 0 })).toThrow(/^temperature: .*above 0, got 0$/);
    expect(() => sideInformation(autoencoder, { temperature: 1 })).toThrow(/\(autoencoder\): .*got temperature$/);
    expect(() => upgrade(target, { target, side: null, views: 0 })).toThrow(/^views: .*got 0$/);
    const forgetful = upgrade as (old: unknown, options: unknown) => unknown;
    expect(() => forgetful(target, { target })).toThrow(/^side: .*or null, got undefined$/);
  });
});
