import { describe, expect, test } from "vitest";
import { hiddenStates, tokenLogits } from "../../../lib/language/decoder/decoder";
import { answered } from "../../../lib/language/evaluation/answers";
import { chosenAnswers } from "../../../lib/language/evaluation/choices";
import { generate } from "../../../lib/language/evaluation/generate";
import { logLikelihoods } from "../../../lib/language/evaluation/log-likelihoods";
import type { LanguageModel } from "../../../lib/language/training/objective";
import { encodeSequence } from "../../../lib/language/training/sequences";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { expectClose } from "../../losses/agreement";
import { byteTokens, tinyModel, tinySizes } from "../tiny-decoder";

/** The log-probabilities of the token after each place of one text, [length][vocabulary]. */
function logProbabilities({ sizes, weights }: LanguageModel, tokens: readonly number[]): number[][] {
  const tensors = toTensors(weights);
  const values = tf.tidy(() => {
    const pass = { sizes, weights: tensors };
    const hidden = hiddenStates(pass, tf.tensor2d([...tokens], [1, tokens.length], "int32"));
    return tf.logSoftmax(tokenLogits(pass, hidden)).arraySync() as number[][];
  });
  tf.dispose({ ...tensors });
  return values;
}

/** Large weights, so that no two tokens are nearly alike. */
function loud(seed: number): LanguageModel {
  const { sizes, weights } = tinyModel(seed);
  const louder = Object.entries(weights).map(([name, { shape, data }]) => {
    const factor = /linear|tokens|positions/.test(name) ? 20 : 1;
    return [name, { shape, data: Float32Array.from(data, (value) => factor * value) }] as const;
  });
  return { sizes, weights: Object.fromEntries(louder) };
}

describe("likelihood", () => {
  test("is the sum of the answer's log-probabilities, one by one, in batches of any size", () => {
    const model = loud(1);
    const before = tf.memory().numTensors;
    const encoding = { context: tinySizes.context, promptWeight: 0 };
    const texts = Array.from({ length: 70 }, (_, i) => ({ prompt: "abc".slice(i % 3), answer: `x${i}` }));
    const sequences = texts.map((text) => encodeSequence(byteTokens, text, encoding));
    const sums = logLikelihoods(model, sequences);
    for (const i of [0, 1, 69]) {
      const { tokens, weights } = sequences[i] as (typeof sequences)[number];
      const table = logProbabilities(model, [...tokens.subarray(0, -1)]);
      const sum = [...weights].reduce(
        (total, weight, place) => total + weight * (table[place]?.[tokens[place + 1] as number] ?? Number.NaN),
        0,
      );
      expectClose(sums[i] ?? Number.NaN, sum, 1e-5);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test("chooses the likeliest; of equals the first, which is counted; a long prompt is cut and counted", () => {
    const model = loud(2);
    const table = logProbabilities(model, [byteTokens.end, ...byteTokens.encode("q")]);
    const value = (choice: string): number => table[1]?.[byteTokens.encode(choice)[0] ?? -1] ?? Number.NaN;
    const choices = ["a", "b", "c"];
    const likeliest = choices.indexOf(choices.toSorted((a, b) => value(b) - value(a))[0] ?? "");
    const found = chosenAnswers(byteTokens, model, [
      { prompt: "q", choices },
      { prompt: "q", choices: ["b", "b"] },
      { prompt: "x".repeat(40), choices },
    ]);
    expect(found.chosen.slice(0, 2)).toEqual([likeliest, 0]);
    expect([found.ties, found.cut]).toEqual([1, 1]);
    const cut = chosenAnswers(byteTokens, model, [{ prompt: "x".repeat(22), choices }]);
    expect(cut).toEqual({ chosen: [found.chosen[2]], ties: 0, cut: 0 });
  });

  test("refuses tokens that the model does not know, as does generation", () => {
    const model = tinyModel(1);
    const small = { ...model, sizes: { ...model.sizes, vocabulary: 100 } };
    const refusal = /token \d of a text: expected one of the decoder's vocabulary, 0 to 99; .*, got 1\d\d/;
    expect(() => chosenAnswers(byteTokens, small, [{ prompt: "x", choices: ["a", "b"] }])).toThrow(refusal);
    expect(() => generate(byteTokens, small, { prompts: ["x"], most: 2 })).toThrow(refusal);
  });

  test("refuses a question of one choice, and a choice that does not fit", () => {
    const ask = (choices: readonly string[]) => () =>
      chosenAnswers(byteTokens, tinyModel(1), [{ prompt: "q", choices }]);
    expect(ask(["a"])).toThrow(/choices of a question: .* at least 2, got 1/);
    expect(ask(["a", "b".repeat(24)])).toThrow(/tokens of an answer: expected at most 23, got 24/);
  });
});

describe("generation", () => {
  test("takes the likeliest token again and again, whatever stands beside it in the batch", () => {
    const model = loud(3);
    const prompts = ["hello", "h", "other words"];
    const naive = prompts.map((prompt) => {
      const tokens = [byteTokens.end, ...byteTokens.encode(prompt)];
      const start = tokens.length;
      while (tokens.length < start + 6) {
        const last = logProbabilities(model, tokens).at(-1) ?? [];
        const next = last.indexOf(Math.max(...last));
        if (next === byteTokens.end) break;
        tokens.push(next);
      }
      return byteTokens.decode(tokens.slice(start));
    });
    const before = tf.memory().numTensors;
    expect(generate(byteTokens, model, { prompts, most: 6 })).toEqual({ texts: naive, cut: 0 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("cuts a prompt that leaves no room, at its beginning, and counts it", () => {
    const model = loud(4);
    const long = "ghijklmnopqrstuvwxyz";
    const { texts, cut } = generate(byteTokens, model, { prompts: [long, "short"], most: 4 });
    const fits = generate(byteTokens, model, { prompts: [long.slice(-19), "short"], most: 4 });
    expect(cut).toBe(1);
    expect(fits).toEqual({ texts, cut: 0 });
    expect(() => generate(byteTokens, model, { prompts: ["a"], most: 24 })).toThrow(
      /tokens of an answer: .* 23, got 24/,
    );
  });
});

test("answers are scored as their task says", () => {
  const model = loud(5);
  const choice = answered(byteTokens, model, {
    kind: "polarity",
    samples: [
      { prompt: "q", answer: " good", choices: [" good", " bad"] },
      { prompt: "q", answer: " bad", choices: [" good", " bad"] },
    ],
  });
  expect(choice.answers[0]).toBe(choice.answers[1]);
  expect(choice.scores.toSorted()).toEqual([0, 1]);
  expect(choice.right).toEqual([" good", " bad"]);
});
