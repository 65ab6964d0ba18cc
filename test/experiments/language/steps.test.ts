import { describe, expect, test } from "vitest";
import { graphOf, type Request } from "../../../lib/core/artifacts/step";
import type { Artifact } from "../../../lib/core/artifacts/store";
import { type AdaptedModel, adapted } from "../../../lib/experiments/language/language-model";
import { answersOf } from "../../../lib/experiments/language/language-steps";
import { answersIn } from "../../../lib/experiments/language/sample-scores";
import { muscleTable } from "../../../lib/tables/muscle";
import { tf } from "../../../lib/tf/tensorflow";
import { toyContext } from "../../training/shapes-toy";
import { muscle, next, old, recipe } from "./tiny-updates";

/** The request of a model's adapter, and of its base model. */
const adapterOf = (model: AdaptedModel): Request => answersOf(model).inputs[1] as Request;
const pretrainingOf = (model: AdaptedModel): Request => answersOf(model).inputs[0] as Request;

/** The artifacts of all that requests need, each made once. */
async function made(requests: readonly Request[]): Promise<ReadonlyMap<string, Artifact>> {
  const artifacts = new Map<string, Artifact>();
  for (const each of graphOf(requests)) {
    const inputs = each.inputs.map(({ key }) => artifacts.get(key) as Artifact);
    artifacts.set(each.key, await each.run(inputs, toyContext()));
  }
  return artifacts;
}

describe("the steps of an update", () => {
  test("train each base and each adapter once, answer the same samples, and leave no tensor", async () => {
    const before = tf.memory().numTensors;
    const continued: AdaptedModel = { kind: "continued-adapter", next, recipe };
    const requests = [old, next, muscle, continued].map(answersOf);
    const kinds = graphOf(requests).map(({ kind }) => kind);
    const count = (kind: string): number => kinds.filter((each) => each === kind).length;
    expect([count("pretrain-decoder"), count("adapt-decoder"), count("answer-task")]).toEqual([2, 4, 4]);
    const artifacts = await made(requests);
    const answers = requests.map(({ key }) => answersIn(artifacts.get(key) as Artifact));
    for (const { answers: given, right, scores } of answers) {
      expect([given.length, right.length, scores.length]).toEqual([12, 12, 12]);
      expect(right).toEqual(answers[0]?.right);
    }
    const { facts, arrays } = artifacts.get(adapterOf(muscle).key) as Artifact;
    expect(Object.keys(facts).sort()).toEqual(["epochs", "losses", "validation"]);
    expect(Object.keys(arrays)).toHaveLength(12);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("have keys that tell models apart, and costs", () => {
    const keys = [
      pretrainingOf(old),
      pretrainingOf(next),
      adapterOf(old),
      adapterOf(muscle),
      adapterOf({ ...muscle, distillation: { mask: "all", temperature: 1 } }),
      answersOf(muscle),
    ];
    expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    for (const { cost, label } of keys) {
      expect(cost).toBeGreaterThan(0);
      expect(label).not.toBe("");
    }
  });
});

test("the table muscle compares all methods on every update, with equal rows for equal seeds", () => {
  const rows = muscleTable.rows("quick", 0);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const groups = [...new Set(rows.map(({ group }) => group))];
  for (const group of groups) {
    const labels = rows.filter((row) => row.group === group).map(({ label }) => label);
    expect(labels.slice(0, 3)).toEqual(["v1", "v2", "v2, trained longer (control)"]);
    expect(labels.length).toBeGreaterThanOrEqual(6);
  }
  expect(rows.map(({ id }) => id)).toEqual(muscleTable.rows("quick", 1).map(({ id }) => id));
  for (const { model, before, next } of rows) {
    for (const each of [model, before, next]) expect(answersOf(each).key).toHaveLength(32);
  }
  const laptop = muscleTable.rows("laptop", 0);
  expect(laptop.slice(0, rows.length).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  const asked = new Set(laptop.slice(rows.length).map(({ model }) => adapted(model).task.kind));
  expect([...asked]).toEqual(["gsm8k", "piqa", "arc-easy", "arc-challenge", "openbookqa"]);
  expect(answersOf(laptop[0]?.next as AdaptedModel).key).not.toBe(answersOf(rows[0]?.next as AdaptedModel).key);
  expect(() => muscleTable.rows("paper", 0)).toThrow(/scale: expected one of quick, laptop, got paper/);
});
