import type { NamedArray, NamedArrays } from "../core/named-arrays";

// Names of a ResNet in the official code, which are torchvision's; its classifier "fc" is a 1x1
// convolution [classes, embedding, 1, 1] without bias.

const normParts: Readonly<Record<string, string>> = {
  scale: "weight",
  offset: "bias",
  mean: "running_mean",
  variance: "running_var",
};

const norm = "(scale|offset|mean|variance)";
const block = "^stages\\.(\\d)\\.blocks\\.(\\d+)\\.";
const part = (own = ""): string => normParts[own] ?? own;
const layer = (stage = "", index = ""): string => `layer${Number(stage) + 1}.${index}`;

const rules: readonly (readonly [RegExp, (...groups: string[]) => string])[] = [
  [/^stem\.convolution$/, () => "conv1.weight"],
  [new RegExp(`^stem\\.norm\\.${norm}$`), (own) => `bn1.${part(own)}`],
  [new RegExp(`${block}convolution(\\d)$`), (stage, index, n) => `${layer(stage, index)}.conv${n}.weight`],
  [new RegExp(`${block}norm(\\d)\\.${norm}$`), (stage, index, n, own) => `${layer(stage, index)}.bn${n}.${part(own)}`],
  [new RegExp(`${block}shortcut\\.convolution$`), (stage, index) => `${layer(stage, index)}.downsample.0.weight`],
  [
    new RegExp(`${block}shortcut\\.norm\\.${norm}$`),
    (stage, index, own) => `${layer(stage, index)}.downsample.1.${part(own)}`,
  ],
  [/^classifier$/, () => "fc.weight"],
];

/** A ResNet's weights in the official code's names and layouts. Throws Error on any other name. */
export function resnetToTorch(weights: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(weights).map(([name, array]) => [torchName(name), outputsFirst(array)]));
}

function torchName(name: string): string {
  for (const [pattern, rename] of rules) {
    const match = pattern.exec(name);
    if (match !== null) return rename(...match.slice(1));
  }
  throw new Error(`${name} has no name in the official code`);
}

/** A convolution [height, width, input, output], or a classifier [input, output], outputs first. */
export function outputsFirst({ shape, data }: NamedArray): NamedArray {
  if (shape.length < 2) return { shape, data };
  const [height = 1, width = 1, input = 1, output = 1] = shape.length === 2 ? [1, 1, ...shape] : shape;
  const places = height * width;
  const turned = Float32Array.from({ length: data.length }, (_, at) => {
    const place = at % places;
    const channel = Math.floor(at / places) % input;
    return data[(place * input + channel) * output + Math.floor(at / (places * input))] as number;
  });
  return { shape: [output, input, height, width], data: turned };
}
