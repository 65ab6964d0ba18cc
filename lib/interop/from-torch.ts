import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { FloatArray, TorchArrays } from "./torch-file";

/**
 * The weights of a PyTorch ResNet (torchvision's names, with any common prefix) in this library's
 * names and layouts; `classifier` has the shape [embedding, classes]. One with a bias, as
 * torchvision's checkpoints have it, is left out: classifiers here have none. Throws if there is no
 * stem, or if a tensor is not part of a ResNet.
 */
export function fromTorch(arrays: TorchArrays): NamedArrays {
  const prefix = prefixOf(Object.keys(arrays));
  const unread = `${prefix}fc.bias` in arrays ? [`${prefix}fc.weight`, `${prefix}fc.bias`] : [];
  const entries = Object.entries(arrays)
    .filter(([name]) => !name.endsWith(".num_batches_tracked") && !unread.includes(name))
    .map(([name, array]) => [translated(name, prefix), relaid(name, array)] as const);
  return Object.fromEntries(entries);
}

const stem = "conv1.weight";

/** The prefix of the stem, which is the only conv1 outside a layer. */
function prefixOf(names: readonly string[]): string {
  const stems = names.filter((name) => /(^|\.)conv1\.weight$/.test(name) && !/(^|\.)layer\d+\./.test(name));
  const [name] = stems;
  if (name === undefined || stems.length > 1)
    throw new Error(`${stems.length} tensors are called ${stem}; a ResNet has one`);
  return name.slice(0, -stem.length);
}

const normParts: Readonly<Record<string, string>> = {
  weight: "scale",
  bias: "offset",
  running_mean: "mean",
  running_var: "variance",
};

const norm = "(weight|bias|running_mean|running_var)";
const part = (name = ""): string => normParts[name] ?? name;
const block = (stage = "", index = ""): string => `stages.${Number(stage) - 1}.blocks.${index}`;

const rules: readonly (readonly [RegExp, (...groups: string[]) => string])[] = [
  [/^conv1\.weight$/, () => "stem.convolution"],
  [new RegExp(`^bn1\\.${norm}$`), (name) => `stem.norm.${part(name)}`],
  [/^layer(\d)\.(\d+)\.conv(\d)\.weight$/, (stage, index, n) => `${block(stage, index)}.convolution${n}`],
  [
    new RegExp(`^layer(\\d)\\.(\\d+)\\.bn(\\d)\\.${norm}$`),
    (stage, index, n, name) => `${block(stage, index)}.norm${n}.${part(name)}`,
  ],
  [/^layer(\d)\.(\d+)\.downsample\.0\.weight$/, (stage, index) => `${block(stage, index)}.shortcut.convolution`],
  [
    new RegExp(`^layer(\\d)\\.(\\d+)\\.downsample\\.1\\.${norm}$`),
    (stage, index, name) => `${block(stage, index)}.shortcut.norm.${part(name)}`,
  ],
  [/^fc\.weight$/, () => "classifier"],
];

function translated(name: string, prefix: string): string {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  for (const [pattern, rename] of rules) {
    const match = pattern.exec(rest);
    if (match !== null) return rename(...match.slice(1));
  }
  throw new Error(`${name} is not part of a ResNet beside ${prefix}${stem}`);
}

function relaid(name: string, array: FloatArray): NamedArray {
  const [output = 1, input = 1, height = 1, width = 1] = array.shape;
  if (array.shape.length === 1) return array;
  const data = inputsBeforeOutputs(array.data, output, input, height * width);
  const flat = name.endsWith("fc.weight") && height * width === 1;
  return { shape: flat ? [input, output] : [height, width, input, output], data };
}

/** From [output, input, place] to [place, input, output]. */
function inputsBeforeOutputs(data: Float32Array, output: number, input: number, places: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let o = 0; o < output; o++) {
    for (let i = 0; i < input; i++) {
      for (let p = 0; p < places; p++) {
        result[(p * input + i) * output + o] = data[(o * input + i) * places + p] ?? Number.NaN;
      }
    }
  }
  return result;
}
