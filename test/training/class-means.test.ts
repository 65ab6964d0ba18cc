import { expect, test } from "vitest";
import { matrix } from "../../lib/core/matrix";
import { meansClassifier } from "../../lib/training/class-means";
import { expectClose } from "../losses/agreement";
import { normalRows, randomLabels } from "../retrieval/normal-rows";

const embeddings = normalRows("class means", 40, 3);
const labels = Int32Array.from(randomLabels("class means", 40, 4));
const like = { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => (i - 5) / 7) };

test("a classifier of class means is centred, as long as the old one, and each column is a class's mean", () => {
  const { shape, data } = meansClassifier(embeddings, { labels, classes: 4, like });
  expect(shape).toEqual([3, 4]);
  const at = (dimension: number, label: number): number => data[dimension * 4 + label] as number;
  const means = [0, 1, 2, 3].map((label) => {
    const members = [...labels.keys()].filter((item) => labels[item] === label);
    return [0, 1, 2].map(
      (d) => members.reduce((sum, item) => sum + (embeddings.data[item * 3 + d] as number), 0) / members.length,
    );
  });
  for (const d of [0, 1, 2]) {
    expectClose(
      [0, 1, 2, 3].reduce((sum, label) => sum + at(d, label), 0),
      0,
      1e-6,
    );
    // Differences of means are kept up to one factor.
    const factor = (at(0, 1) - at(0, 0)) / ((means[1]?.[0] ?? 0) - (means[0]?.[0] ?? 0));
    expectClose(at(d, 3) - at(d, 2), factor * ((means[3]?.[d] ?? 0) - (means[2]?.[d] ?? 0)), 1e-5);
    expect(factor).toBeGreaterThan(0);
  }
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
  expectClose(squares(data as Float32Array), squares(like.data), 1e-5);
});

test("a class without an image is refused by its number", () => {
  const options = { labels: Int32Array.of(0, 2), classes: 3, like };
  expect(() => meansClassifier(matrix(2, 3, new Float32Array(6)), options)).toThrow(/at least one.*none of 1/);
});

test("means that are all the same are refused, since they tell no class from another", () => {
  const options = { labels: Int32Array.of(0, 1, 1, 2), classes: 3, like };
  const same = matrix(4, 3, new Float32Array(12).fill(0.5));
  expect(() => meansClassifier(same, options)).toThrow(/different ones, got .*the same for every class/);
});
