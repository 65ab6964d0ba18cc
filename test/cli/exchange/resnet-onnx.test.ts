import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportFile } from "../../../lib/cli/exchange/export-file";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { initialResNet, type ResNet, resnet } from "../../../lib/nn/networks/resnet";
import { evaluation } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { temporaryFolder } from "../../temporary-folder";
import { all, fields, texts } from "./onnx-reader";

/** One image's maps [channels, height, width], or a weight of any shape. */
interface Maps {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Attributes = Readonly<Record<string, readonly number[]>>;

/** Every window of a map, with what lies outside of it: place -> value or undefined. */
function windows(
  { shape: [, height = 1, width = 1] }: Maps,
  { kernel_shape: [size = 1] = [], strides: [stride = 1] = [], pads: [pad = 0] = [] }: Attributes,
) {
  const along = (length: number): number => Math.floor((length + 2 * pad - size) / stride) + 1;
  const [rows, columns] = [along(height), along(width)];
  const places = Array.from({ length: rows * columns }, (_, place) =>
    Array.from({ length: size * size }, (_, k) => {
      const y = Math.floor(place / columns) * stride - pad + Math.floor(k / size);
      const x = (place % columns) * stride - pad + (k % size);
      return y < 0 || x < 0 || y >= height || x >= width ? null : y * width + x;
    }),
  );
  return { rows, columns, places };
}

function computed(op: string, [x, w, ...norm]: readonly Maps[], attributes: Attributes): Maps {
  if (x === undefined) throw new Error(`${op} without an input`);
  const [channels = 1] = x.shape;
  const size = x.data.length / channels;
  switch (op) {
    case "Conv": {
      const { rows, columns, places } = windows(x, attributes);
      const [outputs = 1] = w?.shape ?? [];
      const window = (places[0] as readonly unknown[]).length;
      const sum = (o: number, taken: readonly (number | null)[]): number => {
        let total = 0;
        for (let c = 0; c < channels; c++) {
          taken.forEach((place, k) => {
            if (place === null) return;
            total += (x.data[c * size + place] as number) * (w?.data[(o * channels + c) * window + k] as number);
          });
        }
        return total;
      };
      const data = Array.from({ length: outputs }, (_, o) => places.map((taken) => sum(o, taken))).flat();
      return { shape: [outputs, rows, columns], data };
    }
    case "MaxPool": {
      const { rows, columns, places } = windows(x, attributes);
      const most = (c: number, taken: readonly (number | null)[]): number =>
        Math.max(...taken.flatMap((place) => (place === null ? [] : [x.data[c * size + place] as number])));
      const data = Array.from({ length: channels }, (_, c) => places.map((taken) => most(c, taken))).flat();
      return { shape: [channels, rows, columns], data };
    }
    case "BatchNormalization": {
      const [scale, offset, mean, variance] = [w, ...norm].map((each) => each?.data ?? []);
      const at = (values: readonly number[] | undefined, i: number): number => values?.[Math.floor(i / size)] as number;
      const data = x.data.map(
        (value, i) => ((value - at(mean, i)) / Math.sqrt(at(variance, i) + 1e-5)) * at(scale, i) + at(offset, i),
      );
      return { ...x, data };
    }
    case "Relu":
      return { ...x, data: x.data.map((value) => Math.max(0, value)) };
    case "Add":
      return { ...x, data: x.data.map((value, i) => value + (w?.data[i] as number)) };
    case "GlobalAveragePool": {
      const mean = (c: number): number => x.data.slice(c * size, (c + 1) * size).reduce((a, b) => a + b, 0) / size;
      return { shape: [channels, 1, 1], data: Array.from({ length: channels }, (_, c) => mean(c)) };
    }
    case "Flatten":
      return { shape: [x.data.length], data: x.data };
    default:
      throw new Error(`${op} is not expected`);
  }
}

/** Runs the graph on one image, node by node, in plain loops. */
function run(model: Buffer, image: Maps): readonly number[] {
  const [graph = new Map()] = all(fields(model), 7);
  const values = new Map<string, Maps>([["images", image]]);
  for (const tensor of all(graph, 5)) {
    const raw = tensor.get(9)?.[0] as Buffer;
    const data = Array.from({ length: raw.length / 4 }, (_, i) => raw.readFloatLE(4 * i));
    values.set(String(tensor.get(8)?.[0]), { shape: tensor.get(1) as readonly number[], data });
  }
  for (const node of all(graph, 1)) {
    const attributes = all(node, 5).map(
      (each) => [String(each.get(1)?.[0]), each.get(8) as readonly number[]] as const,
    );
    const given = texts(node.get(1)).map((name) => values.get(name) as Maps);
    values.set(
      texts(node.get(2))[0] as string,
      computed(texts(node.get(4))[0] as string, given, Object.fromEntries(attributes)),
    );
  }
  return values.get("embeddings")?.data ?? [];
}

/** Normalisations that are not identities. */
function varied(weights: NamedArrays): NamedArrays {
  const stream = random("varied");
  const entries = Object.entries(weights).map(([name, { shape, data }]) => {
    if (!name.includes("norm")) return [name, { shape, data }] as const;
    return [name, { shape, data: Float32Array.from(data, (value) => value + stream.uniform(0, 0.4)) }] as const;
  });
  return Object.fromEntries(entries);
}

it.each<[ResNet, number]>([
  [{ kind: "resnet", depth: 18, embedding: 3, width: 2 }, 33],
  [{ kind: "resnet", depth: 50, embedding: 4, width: 2, wide: 2, stem: "small" }, 17],
])("an exported %j gives, as an ONNX graph, what it gives", async (architecture, side) => {
  const folder = temporaryFolder();
  const [file, out] = [join(folder, "b.safetensors"), join(folder, "b.onnx")];
  const weights = varied(initialResNet(architecture, random("onnx")));
  writeArtifact(file, { arrays: weights, facts: {} });
  await exportFile(file, { format: "onnx", out });
  const stream = random("image");
  const pixels = Array.from({ length: side * side * 3 }, () => stream.normal());
  const channelsFirst = Array.from(
    pixels,
    (_, at) => pixels[(at % (side * side)) * 3 + Math.floor(at / side ** 2)] as number,
  );
  const found = run(readFileSync(out), { shape: [3, side, side], data: channelsFirst });
  const expected = tf.tidy(() =>
    resnet(architecture, evaluation(toTensors(weights)), tf.tensor4d(pixels, [1, side, side, 3])).dataSync(),
  );
  expect(Math.max(...expected)).toBeGreaterThan(0.01);
  expect(found.length).toBe(architecture.embedding);
  expect(Math.max(...found.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThan(1e-4);
});
