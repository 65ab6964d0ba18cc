import { expect, test } from "vitest";
import { fittedHead } from "../../lib/adapters/uncertainty-head";
import { matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { rankCorrelation } from "../../lib/statistics/rank-correlation";

/** Embeddings of `rows` items, and errors whose logarithm is linear in them, times noise. */
function drawn(seed: number, rows: number, noise: number) {
  const columns = 8;
  const draws = random(seed, "held-out head test");
  const data = Float32Array.from({ length: rows * columns }, () => draws.normal());
  const known = (i: number): number => 0.7 * (data[i * columns] ?? 0) - 0.4 * (data[i * columns + 3] ?? 0) + 1.5;
  const errors = Float64Array.from({ length: rows }, (_, i) => Math.exp(known(i) + noise * draws.normal()));
  return {
    embeddings: matrix(rows, columns, data),
    errors,
    known: Float64Array.from({ length: rows }, (_, i) => known(i)),
  };
}

test("finds a log error that is linear in the embedding, on items that it has not seen", async () => {
  const seen = drawn(0, 2000, 0);
  const head = await fittedHead(seen.embeddings, seen.errors);
  const { embeddings, known } = drawn(1, 100, 0);
  head(embeddings).forEach((s, i) => {
    expect(s).toBeCloseTo(known[i] ?? Number.NaN, 3);
  });
});

test("is level where errors are noisy: the mean of error * e^-s is 1, and that of e^s the mean error", async () => {
  const { embeddings, errors, known } = drawn(2, 5000, 1);
  const s = (await fittedHead(embeddings, errors))(embeddings);
  const mean = (value: (i: number) => number): number =>
    errors.reduce((sum, _, i) => sum + value(i), 0) / errors.length;
  expect(mean((i) => (errors[i] ?? 0) * Math.exp(-(s[i] ?? 0)))).toBeCloseTo(1, 5);
  expect(mean((i) => Math.exp(s[i] ?? 0)) / mean((i) => errors[i] ?? 0)).toBeCloseTo(1, 1);
  expect(rankCorrelation(s, known)).toBeGreaterThan(0.98);
});
