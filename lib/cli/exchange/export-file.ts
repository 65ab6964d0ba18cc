import { openTransformation } from "../../adapters/open-transformation";
import { encodeHeader } from "../../core/artifacts/safetensors";
import { writeAtomically } from "../../core/artifacts/store";
import { fileSha256 } from "../../core/hash";
import { InputError } from "../../core/input-error";
import type { NamedArrays } from "../../core/named-arrays";
import { requireOutput } from "../../files/matrix-output";
import { readWeights } from "../../files/weights";
import { transformationToTorch } from "../../interop/transformation-names";
import { onnxOf } from "./onnx-of";

/** ONNX, or safetensors in one of two kinds of names. */
export const exportFormats = ["safetensors", "onnx", "torchscript-names"] as const;

/** Where weights go, and in which names. */
export interface ExportChoices {
  readonly format: (typeof exportFormats)[number];
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Writes an h as ONNX, or as plain safetensors: in this library's names, or in those of the
 * official PyTorch code, whose state dict it then is. A card in the file's metadata says where it
 * comes from. Throws InputError if the weights are no h, or of a kind that the official code does
 * not have.
 */
export async function exportFile(file: string, { format, out, force = false }: ExportChoices): Promise<NamedArrays> {
  requireOutput(out, { inputs: [file], replace: force });
  const all = await readWeights(file);
  openTransformation(all, file).dispose();
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith("space.")));
  const card = {
    program: "forward-compatible-training",
    kind: "transformation",
    names: format,
    source: await fileSha256(file),
  };
  if (format === "onnx") {
    writeAtomically(out, onnxOf(own, { file, metadata: card }));
    return own;
  }
  const arrays = format === "safetensors" ? own : inTorchNames(own, file);
  const entries = Object.entries(arrays);
  const declared = entries.map(([name, { shape, data }]) => ({ name, dtype: "F32", shape, bytes: data.byteLength }));
  const parts = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  writeAtomically(out, encodeHeader(declared, card), ...parts);
  return arrays;
}

function inTorchNames(weights: NamedArrays, file: string): NamedArrays {
  try {
    return transformationToTorch(weights);
  } catch (cause) {
    const remedy = "export it by --format safetensors";
    throw new InputError({ file, fault: (cause as Error).message, remedy, cause });
  }
}
