import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NamedArray, NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { alignment } from "../../lib/losses/alignment";
import { evaluation } from "../../lib/nn/pass";
import { initialTransformation, transformation } from "../../lib/nn/transformation";
import { prefixed, toArrays, toTensors, withPrefix } from "../../lib/nn/weights";
import { optimizer } from "../../lib/optim/optimizer";
import { tf } from "../../lib/tf/tensorflow";
import { type Tensors, tensorNamed } from "../../lib/tf/tensors";
import { type Loss, trainingStep } from "../../lib/training/loop/training-step";
import { expectClose, normals } from "../losses/agreement";

type Rows = readonly (readonly number[])[];

const dimensions = { old: 3, side: 2, target: 4, inner: 6 };

function rowsOf(values: ArrayLike<number>, columns: number): number[][] {
  const rows = Array.from({ length: values.length / columns }, (_, row) => row * columns);
  return rows.map((start) => Array.from(values).slice(start, start + columns));
}

/** Random weights whose normalisations are no identities. */
function drawnWeights(): NamedArrays {
  const start = Object.entries(initialTransformation(dimensions, random(1, "projection")));
  const varied = start.map(([name, { shape, data }]): [string, NamedArray] => {
    const noise = normals(name, data.length, 0.3);
    const moved = data.map((value, i) => value + (noise[i] ?? 0)) as Float32Array;
    return [name, { shape, data: name.endsWith(".variance") ? (moved.map(Math.abs) as Float32Array) : moved }];
  });
  return Object.fromEntries(varied);
}

/** h in plain loops: linear, normalisation, ReLU, with the moments of the batch or the running ones. */
function naiveProjection(weights: NamedArrays, old: Rows, side: Rows, training: boolean): Rows {
  const numbers = (name: string): number[] => Array.from(weights[name]?.data ?? []);
  const linear = (name: string, rows: Rows): Rows => {
    const matrix = rowsOf(numbers(`${name}.linear`), weights[`${name}.linear`]?.shape[1] ?? 0);
    const columns = matrix[0]?.map((_, j) => j) ?? [];
    return rows.map((row) => columns.map((j) => row.reduce((sum, value, i) => sum + value * (matrix[i]?.[j] ?? 0), 0)));
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const layer = (name: string, rows: Rows): Rows => {
    const before = linear(name, rows);
    const [scale, offset, means, variances] = ["scale", "offset", "mean", "variance"].map((part) =>
      numbers(`${name}.norm.${part}`),
    );
    return before.map((row) =>
      row.map((value, j) => {
        const column = before.map((other) => other[j] ?? Number.NaN);
        const centre = training ? mean(column) : (means?.[j] ?? Number.NaN);
        const spread = training ? mean(column.map((other) => (other - centre) ** 2)) : (variances?.[j] ?? Number.NaN);
        return Math.max(0, ((value - centre) / Math.sqrt(spread + 1e-5)) * (scale?.[j] ?? 0) + (offset?.[j] ?? 0));
      }),
    );
  };
  const left = layer("old.1", layer("old.0", old));
  const right = layer("side.1", layer("side.0", side));
  const mixed = layer(
    "mixer.1",
    layer(
      "mixer.0",
      left.map((row, i) => [...row, ...(right[i] ?? [])]),
    ),
  );
  const bias = numbers("mixer.2.bias");
  return linear("mixer.2", mixed).map((row) => row.map((value, j) => value + (bias[j] ?? Number.NaN)));
}

describe("h", () => {
  test.each([true, false])("equals its naive twin (training mode: %s)", (training) => {
    const [old, side] = [normals("old", 5 * 3), normals("side", 5 * 2)];
    const weights = drawnWeights();
    const tensors = toTensors(weights);
    const output = transformation(
      training ? { weights: tensors, moments: {} } : evaluation(tensors),
      tf.tensor2d(old, [5, 3]),
      tf.tensor2d(side, [5, 2]),
    );
    const expected = naiveProjection(weights, rowsOf(old, 3), rowsOf(side, 2), training).flat();
    expect(output.size).toBe(expected.length);
    output.dataSync().forEach((value, i) => {
      expectClose(value, expected[i] ?? Number.NaN, 2e-5);
    });
  });

  test("maps each row by itself in evaluation mode", () => {
    const pass = evaluation(toTensors(drawnWeights()));
    const [old, side] = [tf.tensor2d(normals("old", 15), [5, 3]), tf.tensor2d(normals("side", 10), [5, 2])];
    const all = Array.from(transformation(pass, old, side).dataSync());
    const third = transformation(pass, old.slice([2, 0], [1, 3]), side.slice([2, 0], [1, 2])).dataSync();
    third.forEach((value, i) => {
      expectClose(value, all[8 + i] ?? Number.NaN, 1e-6);
    });
  });
});

/** PyTorch's values by name: weights [output, input, 1, 1]. */
type TorchState = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;

interface Golden {
  readonly adam: { readonly lr: number; readonly weightDecay: number; readonly eps: number };
  readonly start: TorchState;
  readonly steps: readonly {
    readonly mode: "train" | "eval";
    readonly old: readonly number[];
    readonly side: readonly number[];
    readonly target: readonly number[];
    readonly loss: number;
  }[];
  readonly end: TorchState;
  readonly old: readonly number[];
  readonly side: readonly number[];
  readonly output: readonly number[];
}

const parts = { weight: "scale", bias: "offset", running_mean: "mean", running_var: "variance" } as const;

/** "p1.0.conv.weight" is old.0.linear here, transposed; "mixer.1.normalizer.running_var" is mixer.1.norm.variance. */
function fromOfficial(state: TorchState): NamedArrays {
  const entries = Object.entries(state).map(([name, { shape, data }]): [string, NamedArray] => {
    const layer = name.replace(/^p1/, "old").replace(/^p2/, "side");
    const [output = 1, input = 1] = shape;
    if (layer.endsWith(".conv.weight")) {
      const rows = rowsOf(data, input);
      const transposed = Float32Array.from(
        { length: data.length },
        (_, i) => rows[i % output]?.[Math.floor(i / output)] ?? Number.NaN,
      );
      return [layer.replace("conv.weight", "linear"), { shape: [input, output], data: transposed }];
    }
    const renamed = layer
      .replace("conv.bias", "bias")
      .replace(
        /normalizer\.(weight|bias|running_mean|running_var)$/,
        (_, part: keyof typeof parts) => `norm.${parts[part]}`,
      );
    return [renamed, { shape, data: Float32Array.from(data) }];
  });
  return Object.fromEntries(entries);
}

describe("eight Adam steps of h in PyTorch, four of them in evaluation mode,", () => {
  const golden: Golden = JSON.parse(readFileSync(join(__dirname, "transformation.golden.json"), "utf8"));
  const dims = { old: 6, side: 4, target: 5 };
  const rows = (values: readonly number[], columns: number): tf.Tensor2D =>
    tf.tensor2d([...values], [values.length / columns, columns]);
  const loss: Loss = (pass, batch) =>
    alignment(
      transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side")),
      tensorNamed(batch, "target"),
    );

  test("are met: each loss, the state at the end and a forward pass", () => {
    const rule = optimizer({ kind: "adam", weightDecay: golden.adam.weightDecay, epsilon: golden.adam.eps });
    const weights = fromOfficial(golden.start);
    const trained = Object.entries(toTensors(weights)).filter(([name]) => !/\.(mean|variance)$/.test(name));
    let state: Tensors = {
      ...toTensors(prefixed(weights, "weights.")),
      ...prefixed(rule.initialSlots(Object.fromEntries(trained)), "slots."),
      step: tf.scalar(0),
    };
    for (const { mode, old, side, target, loss: expected } of golden.steps) {
      const batch = {
        old: rows(old, dims.old),
        side: rows(side, dims.side),
        target: rows(target, dims.target),
        learningRate: tf.scalar(golden.adam.lr),
      };
      const after = trainingStep(loss, rule, mode === "eval")(state, batch);
      expectClose(after.loss.dataSync()[0] ?? Number.NaN, expected, 1e-4);
      state = after.state;
    }
    const end = fromOfficial(golden.end);
    const ours = toArrays(withPrefix(state, "weights."));
    expect(Object.keys(ours).sort()).toEqual(Object.keys(end).sort());
    for (const [name, { data }] of Object.entries(end)) {
      data.forEach((value, i) => {
        expect(Math.abs((ours[name]?.data[i] ?? Number.NaN) - value), `${name}[${i}]`).toBeLessThan(1e-4);
      });
    }
    const output = transformation(
      evaluation(withPrefix(state, "weights.")),
      rows(golden.old, dims.old),
      rows(golden.side, dims.side),
    );
    output.dataSync().forEach((value, i) => {
      expect(Math.abs(value - (golden.output[i] ?? Number.NaN))).toBeLessThan(1e-4);
    });
    expect(golden.steps.map(({ mode }) => mode).join()).toBe("train,train,train,train,eval,eval,eval,eval");
  });
});
