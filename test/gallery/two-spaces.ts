import { join } from "node:path";
import type { AdapterKind } from "../../lib/adapters/kind";
import { learnAdapter } from "../../lib/adapters/learn";
import { matrixSource } from "../../lib/adapters/pairs/pairs";
import { saveAdapter } from "../../lib/adapters/save-adapter";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";

/** Items of ten classes as two models see them, and side-information. */
export interface TwoSpaces {
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly old: Matrix;
  readonly side: Matrix;
  readonly next: Matrix;
}

const hiddenSize = 6;

/** Items drawn by a seed; the models are always the same. */
export function twoSpaces(count: number, seed = "items"): TwoSpaces {
  const centres = random("centres");
  const centre = Float64Array.from({ length: 10 * hiddenSize }, () => 2 * centres.normal());
  const stream = random(seed);
  const classOf = (i: number): number => i % 10;
  const hidden = matrix(count, hiddenSize);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < hiddenSize; d++) {
      hidden.data[i * hiddenSize + d] = (centre[classOf(i) * hiddenSize + d] as number) + stream.normal();
    }
  }
  const ids = Array.from({ length: count }, (_, i) => `${seed}-${i}`);
  const labels = Array.from({ length: count }, (_, i) => `class ${classOf(i)}`);
  return { ids, labels, old: seen("old", hidden, 8), side: seen("side", hidden, 4), next: seen("next", hidden, 7) };
}

/** A model: a fixed linear map of what is hidden, and a little noise. */
function seen(model: string, { rows, columns, data }: Matrix, dimensions: number): Matrix {
  const weights = random(model, "weights");
  const mixing = Float64Array.from({ length: columns * dimensions }, () => weights.normal());
  const noise = random(model, "noise");
  return matrix(
    rows,
    dimensions,
    Float32Array.from({ length: rows * dimensions }, (_, at) => {
      const [i, c] = [Math.floor(at / dimensions), at % dimensions];
      let sum = 0.3 * noise.normal();
      for (let k = 0; k < columns; k++) {
        sum += (data[i * columns + k] as number) * (mixing[k * dimensions + c] as number);
      }
      return sum;
    }),
  );
}

/** Learns an h from 600 items of their own and writes it; gives its path. */
export async function learnedH(
  folder: string,
  { kind = "linear", side = false }: { readonly kind?: AdapterKind; readonly side?: boolean } = {},
): Promise<string> {
  const { old, side: beside, next } = twoSpaces(600, "pairs");
  const pairs = {
    from: matrixSource("old", old),
    side: side ? matrixSource("side", beside) : null,
    to: matrixSource("new", next),
  };
  const context = {
    checkpoint: { load: () => null, save: () => {} },
    progress: { report: () => {} },
    signal: new AbortController().signal,
  };
  const small = { epochs: 30, inner: 32, batchSize: 32, learningRate: 5e-3 };
  const learned = await learnAdapter({ pairs, kind, ...small }, context);
  const path = join(folder, `${kind}${side ? "-side" : ""}.safetensors`);
  saveAdapter(path, learned, { pairs, data: { from: "", side: side ? "" : null, to: "" } });
  return path;
}

/** Some rows of items. */
export function rowsOf({ columns, data }: Matrix, first: number, end: number): Matrix {
  return matrix(end - first, columns, data.slice(first * columns, end * columns));
}
