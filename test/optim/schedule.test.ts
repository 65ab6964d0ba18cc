import { describe, expect, test } from "vitest";
import { cosineWithWarmup } from "../../lib/optim/schedule";
import golden from "../losses/losses.golden.json";

const { epochs, warmup, lr, values } = golden.cosineLr;

describe("cosine with warm-up", () => {
  test("agrees with the reference in every epoch", () => {
    const rate = cosineWithWarmup({ learningRate: lr, epochs, warmup });
    expect(values).toHaveLength(epochs);
    values.forEach((value, epoch) => {
      expect(rate(epoch)).toBeCloseTo(value, 12);
    });
  });

  test("rises through the warm-up, is largest at its end, then falls without reaching zero", () => {
    const rate = cosineWithWarmup({ learningRate: 2, epochs: 50, warmup: 7 });
    const rates = Array.from({ length: 50 }, (_, epoch) => rate(epoch));
    for (let epoch = 1; epoch < 7; epoch++) expect(rates[epoch]).toBeGreaterThan(rates[epoch - 1] ?? Number.NaN);
    for (let epoch = 8; epoch < 50; epoch++) expect(rates[epoch]).toBeLessThan(rates[epoch - 1] ?? Number.NaN);
    expect(Math.max(...rates)).toBe(2);
    expect(Math.min(...rates)).toBeGreaterThan(0);
  });

  test("needs no warm-up, and may be nothing else", () => {
    expect(cosineWithWarmup({ learningRate: 1, epochs: 4, warmup: 0 })(0)).toBe(1);
    expect(cosineWithWarmup({ learningRate: 1, epochs: 4, warmup: 4 })(3)).toBe(1);
  });

  test.each([
    [{ learningRate: 1, epochs: 0, warmup: 0 }, /epochs.*at least 1.* 0$/],
    [{ learningRate: 1, epochs: 3, warmup: 4 }, /warm-up.*from 0 to 3.* 4$/],
    [{ learningRate: Number.NaN, epochs: 3, warmup: 1 }, /learning rate.*above 0.* NaN$/],
  ])("refuses %o", (recipe, message) => {
    expect(() => cosineWithWarmup(recipe)).toThrow(message);
  });

  test.each([-1, 3, Number.NaN])("refuses epoch %f of 3", (epoch) => {
    expect(() => cosineWithWarmup({ learningRate: 1, epochs: 3, warmup: 1 })(epoch)).toThrow(
      new RegExp(`epoch.*from 0 to 2.* ${epoch}$`),
    );
  });
});
