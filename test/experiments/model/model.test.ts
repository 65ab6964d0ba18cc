import { describe, expect, test } from "vitest";
import {
  aligned,
  backbone,
  chain,
  compatible,
  sideInformation,
  upgrade,
} from "../../../lib/experiments/model/construct";
import { modelsIn, storedModel } from "../../../lib/experiments/model/model";
import { toyBackbone, toySimclr, toyTransformation } from "../../training/shapes-toy";

const before = backbone({ ...toyBackbone, classes: { fraction: 0.5, shuffle: 0 } });
const target = backbone(toyBackbone);
const side = sideInformation(toySimclr);
const h = upgrade(before, { target, side, recipe: toyTransformation });

test("an upgraded gallery was stored by its old model, any other by its own", () => {
  expect(storedModel(h)).toBe(before);
  expect(storedModel(chain(h, upgrade(target, { target, side, recipe: toyTransformation })))).toBe(before);
  expect(storedModel(target)).toBe(target);
});

test("a model lists what must be trained for it, itself last", () => {
  expect(modelsIn(h)).toEqual([before, target, side, h]);
  const bare = upgrade(before, { target, side: null, recipe: toyTransformation });
  expect(modelsIn(bare)).toEqual([before, target, bare]);
  const bct = compatible(toyBackbone, { old: before });
  expect(modelsIn(bct)).toEqual([before, bct]);
  const then = upgrade(target, { target, side, recipe: toyTransformation });
  expect(modelsIn(chain(h, then))).toEqual([...modelsIn(h), ...modelsIn(then)]);
});

describe("models that do not fit are refused", () => {
  const architecture = { ...toyBackbone.architecture, embedding: 4 };
  const old = backbone(toyBackbone);
  const narrow = { ...toyBackbone, architecture };

  test.each([
    [
      "BCT",
      () => compatible(narrow, { old }),
      "BCT needs one embedding size: the old model has 8 dimensions, the new one 4",
    ],
    [
      "the L2 baseline",
      () => aligned(narrow, { old }),
      "the L2 baseline needs one embedding size: the old model has 8 dimensions, the new one 4",
    ],
    [
      "BCT of a negative weight",
      () => compatible(toyBackbone, { old, weight: -1 }),
      "weight of BCT's old loss: expected a number above 0, got -1",
    ],
    [
      "BCT by another judge",
      () => compatible(toyBackbone, { old, judge: "means" as "class-means" }),
      "judge: expected class-means, got means",
    ],
    [
      "the L2 baseline with a text as its weight",
      () => aligned(toyBackbone, { old, weight: "3" as unknown as number }),
      "weight of the L2 baseline: expected a number above 0, got 3",
    ],
    [
      "a chain of other dimensions",
      () => {
        const recipe = toyTransformation;
        const first = upgrade(old, { target: backbone(narrow), side: null, recipe });
        return chain(first, upgrade(old, { target: old, side: null, recipe }));
      },
      "second update of a chain: expected to start from 4 dimensions, got 8",
    ],
    [
      "a chain with other side-information",
      () => {
        const recipe = toyTransformation;
        const side = sideInformation(toySimclr);
        const first = upgrade(old, { target: old, side, recipe });
        return chain(first, upgrade(old, { target: old, side: sideInformation({ ...toySimclr, seed: 5 }), recipe }));
      },
      "both updates of a chain take the side-information that was stored at first: one model",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(new RangeError(message));
  });
});
