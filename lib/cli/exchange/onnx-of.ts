import { openTransformation } from "../../adapters/open-transformation";
import type { NamedArrays } from "../../core/named-arrays";
import { type OnnxNode, onnxModel } from "../../interop/onnx";
import { formOf, lastLayer } from "../../nn/transformation";

/**
 * An h as an ONNX file: inputs "old" and "side", or "input" for a linear h, which takes both side
 * by side; output "mapped". Throws InputError naming `file` if the weights are no h.
 */
export function onnxOf(
  weights: NamedArrays,
  { file, metadata }: { readonly file: string; readonly metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const h = openTransformation(weights, file);
  h.dispose();
  const { takes, target } = h;
  const inputs =
    "together" in takes
      ? [{ name: "input", shape: ["rows", takes.together] }]
      : [
          { name: "old", shape: ["rows", takes.old] },
          { name: "side", shape: ["rows", takes.side] },
        ];
  const nodes = nodesOf(weights);
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const own = Object.fromEntries(Object.entries(weights).filter(([name]) => used.has(name)));
  return onnxModel({ inputs, output: { name: "mapped", shape: ["rows", target] }, nodes, weights: own, metadata });
}

function nodesOf(weights: NamedArrays): readonly OnnxNode[] {
  const form = formOf(weights);
  const last = lastLayer(form);
  if (!form.linear) {
    const count = Number(last.slice("mixer.".length));
    const mixers = Array.from({ length: count }, (_, i) =>
      hidden(`mixer.${i}`, i === 0 ? "both" : `mixer.${i - 1}.out`),
    );
    return [
      ...["old", "side"].flatMap((branch) => [
        ...hidden(`${branch}.0`, branch),
        ...hidden(`${branch}.1`, `${branch}.0.out`),
      ]),
      { op: "Concat", inputs: ["old.1.out", "side.1.out"], output: "both", attributes: { axis: 1 } },
      ...mixers.flat(),
      ...affine(last, count === 0 ? "both" : `mixer.${count - 1}.out`, "mapped"),
    ];
  }
  switch (form.variant) {
    case undefined:
      return affine(last, "input", "mapped");
    case "factored":
      return [
        { op: "MatMul", inputs: ["input", "map.0.linear"], output: "narrow" },
        ...affine(last, "narrow", "mapped"),
      ];
    case "residual":
      return [
        ...affine(last, "input", "straight"),
        ...affine("residual.0", "input", "wide"),
        { op: "Relu", inputs: ["wide"], output: "active" },
        ...affine("residual.1", "active", "rest"),
        { op: "Add", inputs: ["straight", "rest"], output: "mapped" },
      ];
  }
}

function affine(name: string, input: string, output: string): readonly OnnxNode[] {
  return [
    { op: "MatMul", inputs: [input, `${name}.linear`], output: `${name}.product` },
    { op: "Add", inputs: [`${name}.product`, `${name}.bias`], output },
  ];
}

/** A linear map, a normalisation by running statistics, and a ReLU. */
function hidden(name: string, input: string): readonly OnnxNode[] {
  const norm = ["scale", "offset", "mean", "variance"].map((part) => `${name}.norm.${part}`);
  return [
    { op: "MatMul", inputs: [input, `${name}.linear`], output: `${name}.product` },
    { op: "BatchNormalization", inputs: [`${name}.product`, ...norm], output: `${name}.normalised` },
    { op: "Relu", inputs: [`${name}.normalised`], output: `${name}.out` },
  ];
}
