import { describe, expect, test } from "vitest";
import type { Artifact } from "../../../lib/core/artifacts/store";
import type { NamedArray, NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { initialAdapter } from "../../../lib/language/decoder/adapter";
import { trainAdapter } from "../../../lib/language/training/adapter-training";
import { bestEpoch } from "../../../lib/language/training/best-epoch";
import { type AdapterObjective, adapterLoss, frozenOf } from "../../../lib/language/training/objective";
import { pretrain } from "../../../lib/language/training/pretraining";
import { encodeSequence, sequenceBatch } from "../../../lib/language/training/sequences";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { bytesOf } from "../../bytes-of";
import { toyContext } from "../../training/shapes-toy";
import { byteTokens, tinyModel, tinySizes } from "../tiny-decoder";

const adam = { kind: "adam", weightDecay: 0 } as const;
const recipe = {
  adapter: { rank: 4, alpha: 8 },
  optimizer: adam,
  schedule: { learningRate: 1e-2, epochs: 3, warmup: 1 },
  batchSize: 8,
  promptWeight: 0.1,
  validationShare: 0.25,
  seed: 1,
};
const encoding = { context: tinySizes.context, promptWeight: recipe.promptWeight };
const samples = Array.from({ length: 32 }, (_, i) =>
  encodeSequence(byteTokens, { prompt: `n${i}`, answer: i % 2 === 0 ? "even" : "odd" }, encoding),
);

describe("a sequence", () => {
  const context = 10;

  test("is end, prompt, answer, end; its prompt counts less", () => {
    const { tokens, weights, cut } = encodeSequence(
      byteTokens,
      { prompt: "ab", answer: "c" },
      { context, promptWeight: 0.5 },
    );
    expect([...tokens]).toEqual([0, 98, 99, 100, 0]);
    expect([...weights]).toEqual([0.5, 0.5, 1, 1]);
    expect(cut).toBe(0);
  });

  test("loses the beginning of a prompt that is too long, and says how much", () => {
    const { tokens, cut } = encodeSequence(
      byteTokens,
      { prompt: "0123456789", answer: "xyz" },
      { context, promptWeight: 1 },
    );
    expect(byteTokens.decode(tokens)).toBe("456789xyz");
    expect(tokens.length).toBe(context + 1);
    expect(cut).toBe(4);
    const full = encodeSequence(byteTokens, { prompt: "ab", answer: "x".repeat(9) }, { context, promptWeight: 1 });
    expect([byteTokens.decode(full.tokens), full.cut]).toEqual(["xxxxxxxxx", 2]);
  });

  test("may be longer than a function's arguments", () => {
    const long = { prompt: "a".repeat(200_000), answer: "b" };
    expect(encodeSequence(byteTokens, long, { context: 300_000, promptWeight: 1 }).tokens).toHaveLength(200_003);
  });

  test("refuses an answer that is too long, and a weight below 0", () => {
    const encode = (answer: string, promptWeight: number) => () =>
      encodeSequence(byteTokens, { prompt: "", answer }, { context, promptWeight });
    expect(encode("x".repeat(10), 1)).toThrow(/tokens of an answer: expected at most 9, got 10/);
    expect(encode("x", -1)).toThrow(/at least 0, got -1/);
  });

  test("is filled up in a batch by tokens that do not count", () => {
    const sequences = ["ab", "abcdefghijklmnopqrst"].map((answer) =>
      encodeSequence(byteTokens, { prompt: "", answer }, { context: 40, promptWeight: 1 }),
    );
    const { tokens, targets, weights } = sequenceBatch(sequences, 40);
    expect(tokens?.shape).toEqual([2, 32]);
    expect(targets?.shape).toEqual([64]);
    expect([...(tokens?.data.subarray(0, 5) ?? [])]).toEqual([0, 98, 99, 0, 0]);
    expect([...(targets?.data.subarray(0, 5) ?? [])]).toEqual([98, 99, 0, 0, 0]);
    expect([...(weights?.data.subarray(0, 5) ?? [])]).toEqual([1, 1, 1, 0, 0]);
    expect(sequenceBatch(sequences, 22).tokens?.shape).toEqual([2, 22]);
  });

  test("has in a batch the places of the tokens that count, where others do not", () => {
    const sequences = [
      { prompt: "ab", answer: "c" },
      { prompt: "", answer: "defgh" },
    ].map((text) => encodeSequence(byteTokens, text, { context: 40, promptWeight: 0 }));
    const { tokens, places, targets, weights } = sequenceBatch(sequences, 40);
    expect([tokens?.shape, weights?.shape]).toEqual([
      [2, 16],
      [2, 8],
    ]);
    expect([...(places?.data ?? [])]).toEqual([2, 3, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 16, 16]);
    expect([...(targets?.data ?? [])].slice(0, 3)).toEqual([100, 0, 0]);
    expect([...(weights?.data ?? [])]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]);
  });
});

describe("pretraining", () => {
  const text = byteTokens.encode("the more it is read the better it is known . ".repeat(20));
  const pretraining = {
    text: { collections: [], share: 1 },
    sizes: tinySizes,
    optimizer: adam,
    schedule: { learningRate: 1e-2, epochs: 3, warmup: 0 },
    stepsPerEpoch: 20,
    batchSize: 4,
    seed: 1,
  };

  test("learns a text, as a captured graph, to the same bytes each time", async () => {
    const before = tf.memory().numTensors;
    const reasons: string[] = [];
    const context = { ...toyContext(), onNotCaptured: (reason: string) => reasons.push(reason) };
    const first = await pretrain(pretraining, text, context);
    expect(reasons).toEqual([]);
    expect(first.losses[0]).toBeLessThan(Math.log(tinySizes.vocabulary) + 0.1);
    expect(first.losses[2]).toBeLessThan(3);
    const second = await pretrain(pretraining, text, toyContext());
    expect(bytesOf(second.weights)).toBe(bytesOf(first.weights));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses a text that is not longer than the context", () => {
    expect(() => pretrain(pretraining, text.subarray(0, 24), toyContext())).toThrow(
      /more than the context's 24, got 24/,
    );
    expect(() => pretrain(pretraining, text.slice().fill(257, 30, 31), toyContext())).toThrow(
      /token 31 of a text: .* 0 to 256.*, got 257/,
    );
  });
});

describe("an adapter", () => {
  const base = tinyModel(1);
  const training = { recipe, base, start: null, objective: { kind: "task" }, samples } as const;

  test("learns its task by a captured graph, leaves no tensor, and keeps the best epoch", async () => {
    const before = tf.memory().numTensors;
    const reasons: string[] = [];
    const context = { ...toyContext(), onNotCaptured: (reason: string) => reasons.push(reason) };
    const { losses, validation, epochs } = await trainAdapter(training, context);
    expect(reasons).toEqual([]);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.05);
    expect(validation).toHaveLength(3);
    expect(validation[epochs - 1]).toBe(Math.min(...validation));
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each(["student-wrong", "old-right", "all", "none", "token-likelihood", "sequence-likelihood"] as const)(
    "is trained with the mask %s by a captured graph",
    async (mask) => {
      const reasons: string[] = [];
      const context = { ...toyContext(), onNotCaptured: (reason: string) => reasons.push(reason) };
      const objective = {
        kind: "compatible",
        distillation: { mask, temperature: 2, share: 0.8 },
        old: tinyModel(2),
        next: tinyModel(3),
      } as const;
      const short = { ...recipe, schedule: { ...recipe.schedule, epochs: 2 } };
      const { losses } = await trainAdapter({ ...training, recipe: short, objective }, context);
      expect(reasons).toEqual([]);
      expect(losses.every((loss) => loss > 0)).toBe(true);
    },
  );

  test.each(["task", "student-wrong", "sequence-likelihood"] as const)(
    "has the same loss and gradients whether tokens that do not count are left out or weighted by 0 (%s)",
    (mask) => {
      const objective: AdapterObjective =
        mask === "task"
          ? { kind: "task" }
          : {
              kind: "compatible",
              distillation: { mask, temperature: 2, share: 0.8 },
              old: tinyModel(2),
              next: tinyModel(3),
            };
      const loss = adapterLoss(tinySizes, recipe.adapter, objective);
      const sequences = ["a", "bcd"].map((answer) =>
        encodeSequence(byteTokens, { prompt: "the prompt", answer }, { context: 24, promptWeight: 0 }),
      );
      const few = sequenceBatch(sequences, 24);
      expect(few.places).toBeDefined();
      const ones = sequences.map((sequence) => ({ ...sequence, weights: sequence.weights.map(() => 1) }));
      const { targets, tokens } = sequenceBatch(ones, 24) as Record<string, NamedArray>;
      const weights = new Float32Array(2 * 16);
      sequences.forEach((sequence, text) => {
        weights.set(sequence.weights, 16 * text);
      });
      const all = { targets, tokens, weights: { shape: [2, 16], data: weights } } as NamedArrays;
      const start = Object.entries(initialAdapter(tinySizes, recipe.adapter, random("a"))).map(([name, array]) => {
        return [name, { ...array, data: Float32Array.from(array.data, (value, i) => value + 0.01 * (i % 3)) }] as const;
      });
      const [own, frozen] = [toTensors(Object.fromEntries(start)), toTensors(frozenOf(base, objective))];
      const names = Object.keys(own);
      const found = [few, all].map((batch) => {
        const tensors = toTensors(batch);
        const of = tf.valueAndGrads((...parts: tf.Tensor[]) =>
          loss(Object.fromEntries(names.map((name, i) => [name, parts[i] as tf.Tensor])), tensors, frozen),
        );
        const { value, grads } = of(names.map((name) => own[name] as tf.Tensor));
        const numbers = [value, ...grads].flatMap((tensor) => [...tensor.dataSync()]);
        tf.dispose([value, ...grads, ...Object.values(tensors)]);
        return numbers;
      });
      tf.dispose([...Object.values(own), ...Object.values(frozen)]);
      expect(found[0]?.some((value) => Math.abs(value) > 1e-3)).toBe(true);
      found[0]?.forEach((value, i) => {
        expect(Math.abs(value - (found[1]?.[i] ?? Number.NaN))).toBeLessThan(1e-5);
      });
    },
  );

  test("refuses a token that its base model does not know, by its place", () => {
    const strange = { ...samples[0], tokens: Int32Array.of(0, 999, 0), weights: Float32Array.of(1, 1), cut: 0 };
    expect(() => trainAdapter({ ...training, samples: [...samples, strange] }, toyContext())).toThrow(
      /token 2 of a text: expected one of the decoder's vocabulary, 0 to 256; take the tokenizer .*, got 999/,
    );
  });

  test("that is trained further begins where it stood", async () => {
    const first = await trainAdapter(training, toyContext());
    const still = { ...recipe, schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 } };
    const further = await trainAdapter({ ...training, recipe: still, start: first.weights }, toyContext());
    expect(further.validation[0]).toBeCloseTo(Math.min(...first.validation), 4);
  });

  test("that learns to be compatible draws the same random numbers as its control", async () => {
    const start = initialAdapter(tinySizes, recipe.adapter, random("start"));
    const control = await trainAdapter({ ...training, start }, toyContext());
    // Of a share of 0 of the distillation, the control's loss is left.
    const objective = {
      kind: "compatible",
      distillation: { mask: "student-wrong", temperature: 2, share: 0 },
      old: tinyModel(2),
      next: base,
    } as const;
    // The samples are encoded already: another weight of their prompts changes the recipe alone.
    const variant = { ...recipe, promptWeight: 1 };
    const { losses } = await trainAdapter({ ...training, recipe: variant, start, objective }, toyContext());
    losses.forEach((loss, epoch) => {
      expect(loss).toBeCloseTo(control.losses[epoch] ?? Number.NaN, 4);
    });
  });

  test("that is interrupted goes on to the same bytes, the best epoch too", async () => {
    const whole = toyContext();
    const straight = await trainAdapter(training, whole);
    for (const saved of whole.saved) {
      const context = { ...toyContext(), checkpoint: { load: () => saved, save: () => {} } };
      const resumed = await trainAdapter(training, context);
      expect(bytesOf(resumed.weights)).toBe(bytesOf(straight.weights));
      expect(resumed.validation).toEqual(straight.validation);
      expect(resumed.losses).toEqual(straight.losses);
    }
    expect(whole.saved).toHaveLength(2);
  });

  test("refuses a training whose validation loss is never finite, instead of keeping no weights", async () => {
    const steep = { ...recipe, batchSize: 32, schedule: { learningRate: 1e30, epochs: 1, warmup: 0 } };
    const said = /no epoch's validation loss is finite \(NaN\): lower the learning rate/;
    await expect(trainAdapter({ ...training, recipe: steep }, toyContext())).rejects.toThrow(said);
  });

  test("refuses a validation part without samples, or of all", () => {
    const refused = (validationShare: number) => () =>
      trainAdapter({ ...training, recipe: { ...recipe, validationShare } }, toyContext());
    expect(refused(0)).toThrow(/share of 32 samples for validation: .* got 0/);
    expect(refused(1)).toThrow(/got 1/);
    expect(refused(0.01)).toThrow(/got 0.01/);
  });
});

test("the best epoch is the first of the lowest loss", async () => {
  const losses = [3, 1, 2, 1];
  const weightsAt = (epoch: number) => ({ w: { shape: [1], data: Float32Array.of(epoch) } });
  const saved: Artifact[] = [];
  const found = await bestEpoch(
    async ({ checkpoint }) => {
      for (const epoch of [1, 2, 3]) {
        checkpoint.save({ arrays: { "weights.w": weightsAt(epoch).w }, facts: {} });
      }
      return { weights: weightsAt(4), losses: [] };
    },
    ({ w }) => losses[(w?.data[0] ?? 0) - 1] ?? Number.NaN,
    { ...toyContext(), checkpoint: { load: () => null, save: (state) => saved.push(state) } },
  );
  expect(found).toEqual({ weights: weightsAt(2), validation: losses, epochs: 2, losses: [] });
  expect(saved.map(({ arrays }) => arrays["best.w"]?.data[0])).toEqual([1, 2, 2]);
});
