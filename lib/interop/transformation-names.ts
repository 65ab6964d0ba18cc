import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { FloatArray, TorchArrays } from "./torch-file";

// Names of h in the official code, by which its published transformations are stored: p1 maps the
// old embedding, p2 the side-information; linear maps are 1x1 convolutions [output, input, 1, 1].

const branches: Readonly<Record<string, string>> = { p1: "old", p2: "side", mixer: "mixer" };
const normParts: readonly (readonly [torch: string, own: string])[] = [
  ["weight", "scale"],
  ["bias", "offset"],
  ["running_mean", "mean"],
  ["running_var", "variance"],
];

/** Whether the names are those of a transformation, behind any prefix. */
export function isTorchTransformation(names: readonly string[]): boolean {
  return names.some((name) => /(^|\.)p1\.0\.conv\.weight$/.test(name));
}

/**
 * The weights of a transformation in this library's names and layouts. Throws Error if a tensor
 * beside it, under the same prefix, is not part of one.
 */
export function transformationFromTorch(arrays: TorchArrays): NamedArrays {
  const first = Object.keys(arrays).find((name) => /(^|\.)p1\.0\.conv\.weight$/.test(name)) ?? "p1.0.conv.weight";
  const prefix = first.slice(0, -"p1.0.conv.weight".length);
  const own = Object.entries(arrays).filter(
    ([name]) => name.startsWith(prefix) && !name.endsWith(".num_batches_tracked"),
  );
  return Object.fromEntries(own.map(([name, array]) => translated(name, name.slice(prefix.length), array)));
}

function translated(whole: string, name: string, array: FloatArray): readonly [string, NamedArray] {
  const [, branch = "", index = "", part = "", value = ""] =
    /^(p1|p2|mixer)\.(\d+)\.(conv|normalizer)\.(\w+)$/.exec(name) ?? [];
  const layer = `${branches[branch]}.${index}`;
  if (part === "conv" && value === "weight") return [`${layer}.linear`, transposed(array)];
  if (part === "conv" && value === "bias") return [`${layer}.bias`, flat(array)];
  const norm = normParts.find(([torch]) => torch === value);
  if (part === "normalizer" && norm !== undefined) return [`${layer}.norm.${norm[1]}`, flat(array)];
  throw new Error(`${whole} is not part of a transformation`);
}

/** The same weights in the official code's names and layouts. */
export function transformationToTorch(weights: NamedArrays): NamedArrays {
  const entries = Object.entries(weights).map(([name, array]): readonly [string, NamedArray] => {
    const [, branch = "", index = "", rest = ""] = /^(old|side|mixer)\.(\d+)\.(.+)$/.exec(name) ?? [];
    const torch = Object.keys(branches).find((key) => branches[key] === branch);
    if (torch === undefined) throw new Error(`${name} has no name in the official code`);
    if (rest === "linear") return [`${torch}.${index}.conv.weight`, untransposed(array)];
    if (rest === "bias") return [`${torch}.${index}.conv.bias`, array];
    const norm = normParts.find(([, own]) => rest === `norm.${own}`);
    if (norm === undefined) throw new Error(`${name} has no name in the official code`);
    return [`${torch}.${index}.normalizer.${norm[0]}`, array];
  });
  return Object.fromEntries(entries);
}

function flat({ data }: FloatArray): NamedArray {
  return { shape: [data.length], data };
}

/** From [output, input] or [output, input, 1, 1] to [input, output]. */
function transposed({ shape, data }: FloatArray): NamedArray {
  const [output = 1, input = 1] = shape;
  if (data.length !== output * input) throw new Error(`a linear map is of shape ${shape.join(" x ")}`);
  const turned = Float32Array.from(data, (_, at) => data[(at % output) * input + Math.floor(at / output)] as number);
  return { shape: [input, output], data: turned };
}

function untransposed({ shape, data }: NamedArray): NamedArray {
  const [input = 1, output = 1] = shape;
  const turned = Float32Array.from(data, (_, at) => data[(at % input) * output + Math.floor(at / input)] as number);
  return { shape: [output, input, 1, 1], data: turned };
}
