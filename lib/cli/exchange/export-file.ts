import { extname } from "node:path";
import { openTransformation } from "../../adapters/open-transformation";
import { encodeHeader } from "../../core/artifacts/safetensors";
import { writeAtomically } from "../../core/artifacts/store";
import { fileSha256 } from "../../core/hash";
import { InputError } from "../../core/input-error";
import type { NamedArrays } from "../../core/named-arrays";
import { requireEnding, requireOutput } from "../../files/matrix-output";
import { readWeights } from "../../files/weights";
import { resnetToTorch } from "../../interop/resnet-names";
import { transformationToTorch } from "../../interop/transformation-names";
import { networkIn } from "./inferred-resnet";
import { onnxOf } from "./onnx-of";
import { resnetOnnx } from "./resnet-onnx";

/** ONNX, or safetensors in one of two kinds of names. */
export const exportFormats = ["safetensors", "onnx", "torchscript-names"] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** Where weights go, and in which names. */
export interface ExportChoices {
  /** By the ending of `out` if it is absent. */
  readonly format?: ExportFormat;
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Writes an h or a ResNet as ONNX, or as plain safetensors: in this library's names, or in those of
 * the official PyTorch code, whose whole state dict it then is. A card in the file's metadata says
 * where it comes from. Throws InputError if the weights are neither, or of a kind that the official
 * code does not have.
 */
export async function exportFile(
  file: string,
  { out, force = false, ...choices }: ExportChoices,
): Promise<NamedArrays> {
  const format = formatOf({ out, ...choices });
  requireOutput(out, { inputs: [file], replace: force });
  const all = await readWeights(file);
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith("space.")));
  const network = networkOf(own, file);
  const source = await fileSha256(file);
  const card = { program: "forward-compatible-training", kind: network.kind, names: format, source };
  if (format === "onnx") {
    writeAtomically(out, network.onnx(card));
    return own;
  }
  const arrays = format === "safetensors" ? own : network.torch();
  writeSafetensors(out, arrays, { card, counters: format === "torchscript-names" });
  return arrays;
}

/** The format that is named, or that of the output's ending. Throws InputError if they differ. */
export function formatOf({ format, out }: Pick<ExportChoices, "format" | "out">): ExportFormat {
  const endings = { safetensors: ".safetensors", onnx: ".onnx", "torchscript-names": ".safetensors" } as const;
  requireEnding(out, format === undefined ? [".safetensors", ".onnx"] : [endings[format]]);
  return format ?? (extname(out) === ".onnx" ? "onnx" : "safetensors");
}

/** What weights are, and how they are said elsewhere. */
interface ExportedNetwork {
  readonly kind: "transformation" | "backbone";
  readonly torch: () => NamedArrays;
  readonly onnx: (metadata: Readonly<Record<string, string>>) => Uint8Array;
}

function networkOf(weights: NamedArrays, file: string): ExportedNetwork {
  const torch = (names: (weights: NamedArrays) => NamedArrays) => (): NamedArrays => inTorchNames(names, weights, file);
  if (weights["stem.convolution"] !== undefined) {
    const { architecture } = networkIn(weights, file);
    const onnx: ExportedNetwork["onnx"] = (metadata) => resnetOnnx(architecture, weights, metadata);
    return { kind: "backbone", torch: torch(resnetToTorch), onnx };
  }
  openTransformation(weights, file).dispose();
  const onnx: ExportedNetwork["onnx"] = (metadata) => onnxOf(weights, { file, metadata });
  return { kind: "transformation", torch: torch(transformationToTorch), onnx };
}

function inTorchNames(names: (weights: NamedArrays) => NamedArrays, weights: NamedArrays, file: string): NamedArrays {
  try {
    return names(weights);
  } catch (cause) {
    const remedy = "export it by --format safetensors";
    throw new InputError({ file, fault: (cause as Error).message, remedy, cause });
  }
}

/** With `counters`, every normalisation has the count of batches that PyTorch keeps with it: 0. */
function writeSafetensors(
  out: string,
  arrays: NamedArrays,
  { card, counters }: { readonly card: Readonly<Record<string, string>>; readonly counters: boolean },
): void {
  const entries = Object.entries(arrays);
  const counted = entries.flatMap(([name]) => {
    const [, norm] = (counters && /^(.+)\.running_var$/.exec(name)) || [];
    return norm === undefined ? [] : [{ name: `${norm}.num_batches_tracked`, dtype: "I64", shape: [], bytes: 8 }];
  });
  const declared = entries.map(([name, { shape, data }]) => ({ name, dtype: "F32", shape, bytes: data.byteLength }));
  const parts = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  // Eight bytes each come first, so that everything lies at a multiple of its size.
  writeAtomically(out, encodeHeader([...counted, ...declared], card), new Uint8Array(8 * counted.length), ...parts);
}
