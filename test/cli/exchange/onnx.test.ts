import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openTransformation } from "../../../lib/adapters/open-transformation";
import { exportFile } from "../../../lib/cli/exchange/export-file";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import { random } from "../../../lib/core/random";
import { initialTransformation, type TransformationForm } from "../../../lib/nn/transformation";
import { normalRows } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { all, fields, texts } from "./onnx-reader";

type Rows = readonly (readonly number[])[];

/** Runs the graph of a model, node by node, in plain loops. */
function run(model: Buffer, inputs: Readonly<Record<string, Rows>>): Rows {
  const [graph = new Map()] = all(fields(model), 7);
  const values = new Map<string, Rows>(Object.entries(inputs));
  for (const tensor of all(graph, 5)) {
    const shape = (tensor.get(1) ?? []) as readonly number[];
    const raw = tensor.get(9)?.[0] as Buffer;
    const columns = shape.at(-1) ?? 1;
    const data = Array.from({ length: raw.length / 4 }, (_, i) => raw.readFloatLE(4 * i));
    const rows = Array.from({ length: data.length / columns }, (_, i) => data.slice(i * columns, (i + 1) * columns));
    values.set(String(tensor.get(8)?.[0]), rows);
  }
  for (const node of all(graph, 1)) {
    const given = texts(node.get(1)).map((name) => values.get(name) as Rows);
    values.set(texts(node.get(2))[0] as string, computed(texts(node.get(4))[0] as string, given));
  }
  return values.get(texts(all(graph, 12)[0]?.get(1))[0] as string) as Rows;
}

function computed(op: string, [a = [], b = [], ...rest]: readonly Rows[]): Rows {
  const row = (of: Rows, i: number): readonly number[] => of[of.length === 1 ? 0 : i] as readonly number[];
  switch (op) {
    case "MatMul":
      return a.map((x) => (b[0] ?? []).map((_, j) => x.reduce((sum, value, k) => sum + value * (b[k]?.[j] ?? 0), 0)));
    case "Add":
      return a.map((x, i) => x.map((value, j) => value + (row(b, i)[j] as number)));
    case "Relu":
      return a.map((x) => x.map((value) => Math.max(0, value)));
    case "Concat":
      return a.map((x, i) => [...x, ...row(b, i)]);
    case "BatchNormalization": {
      const [offset, mean, variance] = rest.map((of) => row(of, 0)) as [
        readonly number[],
        readonly number[],
        readonly number[],
      ];
      const one = (value: number, j: number): number =>
        ((value - (mean[j] as number)) / Math.sqrt((variance[j] as number) + 1e-5)) * (row(b, 0)[j] as number) +
        (offset[j] as number);
      return a.map((x) => x.map(one));
    }
    default:
      throw new Error(`${op} is not expected`);
  }
}

it.each<TransformationForm>([
  {},
  { layers: 0 },
  { linear: true },
  { linear: true, variant: "factored" },
  { linear: true, variant: "residual" },
])("an exported h of form %j gives, as an ONNX graph, what h gives", async (form) => {
  const folder = temporaryFolder();
  const [file, out] = [join(folder, "h.safetensors"), join(folder, "h.onnx")];
  const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6, ...form }, random("onnx"));
  writeArtifact(file, { arrays: weights, facts: {} });
  await exportFile(file, { format: "onnx", out });
  const [old, side] = [normalRows("old", 7, 5), normalRows("side", 7, 3)];
  const rows = ({ columns, data }: typeof old): Rows =>
    Array.from({ length: 7 }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
  const both = rows(old).map((row, i) => [...row, ...(rows(side)[i] ?? [])]);
  const found = run(readFileSync(out), form.linear ? { input: both } : { old: rows(old), side: rows(side) });
  const h = openTransformation(weights, file);
  const expected = h.mapAll({ old, side }).embeddings;
  h.dispose();
  expect(found.flat().length).toBe(expected.data.length);
  expect(Math.max(...found.flat().map((value, i) => Math.abs(value - (expected.data[i] as number))))).toBeLessThan(
    1e-5,
  );
});
