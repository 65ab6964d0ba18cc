import { expect, test } from "vitest";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { inference } from "../../../lib/nn/networks/inference";
import { initialResNet, type ResNet, resnet } from "../../../lib/nn/networks/resnet";
import { evaluation } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { expectClose, normals } from "../../losses/agreement";

/** Weights whose normalisations are not identities: offsets and means of both signs, scales and variances positive. */
function varied(weights: NamedArrays): NamedArrays {
  const entries = Object.entries(weights).map(([name, { shape, data }]) => {
    if (!name.includes("norm")) return [name, { shape, data }] as const;
    const positive = name.endsWith(".scale") || name.endsWith(".variance");
    const values = normals(name, data.length, 0.3).map((value) => (positive ? Math.abs(value) + 0.5 : value));
    return [name, { shape, data: Float32Array.from(values) }] as const;
  });
  return Object.fromEntries(entries);
}

const cases: readonly ResNet[] = [
  { kind: "resnet", depth: 18, embedding: 24, width: 8, stem: "small" },
  { kind: "resnet", depth: 50, embedding: 24, width: 8 },
];

test.each(cases)("a ResNet-$depth with folded normalisation gives the same embeddings", (architecture) => {
  const weights = varied(initialResNet(architecture, random(1)));
  const withClassifier = { ...weights, classifier: { shape: [1], data: Float32Array.of(1) } };
  const { weights: folded, embeddings } = inference(architecture, withClassifier);
  expect(Object.keys(folded).some((name) => name.includes("norm"))).toBe(false);
  expect(folded.classifier).toBeUndefined();
  const images = tf.tensor4d(normals("images", 2 * 32 * 32 * 3), [2, 32, 32, 3]);
  const [plain, ours] = [toTensors(weights), toTensors(folded)];
  const expected = tf.tidy(() => resnet(architecture, evaluation(plain), images)).dataSync();
  const actual = tf.tidy(() => embeddings(ours, images)).dataSync();
  const largest = Math.max(...expected);
  expect(largest).toBeGreaterThan(0);
  actual.forEach((value, i) => {
    expectClose(value / largest, (expected[i] ?? Number.NaN) / largest, 1e-5);
  });
  tf.dispose([{ ...plain }, { ...ours }, images]);
});

test("a missing weight is named", () => {
  const [architecture] = cases;
  if (architecture !== undefined)
    expect(() => inference(architecture, {})).toThrow("no array is called stem.convolution");
});
