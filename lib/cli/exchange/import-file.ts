import { openTransformation } from "../../adapters/open-transformation";
import { writeArtifact } from "../../core/artifacts/store";
import type { Json } from "../../core/hash";
import { InputError } from "../../core/input-error";
import type { NamedArrays } from "../../core/named-arrays";
import { requireOutput } from "../../files/matrix-output";
import { lookInto } from "../../files/stored-array";
import { readWeights } from "../../files/weights";
import { fromTorch } from "../../interop/from-torch";
import { readTorchFile, type TorchArrays } from "../../interop/torch-file";
import { isTorchTransformation, transformationFromTorch } from "../../interop/transformation-names";
import { inferredResNet, misfits } from "./inferred-resnet";

/** What a file of weights is taken for. */
export const importRoles = ["backbone", "side-information", "transformation"] as const;

/** A file of another program's weights, and where they go. */
export interface ImportChoices {
  readonly as: (typeof importRoles)[number];
  readonly out: string;
  readonly force?: boolean;
}

/** What was found in the file. */
export interface Imported {
  /** In a few words, such as "ResNet-18, 128 dimensions". */
  readonly what: string;
  readonly facts: Readonly<Record<string, Json>>;
  readonly parameters: number;
}

/**
 * Reads weights of PyTorch (TorchScript or torch.save archives) or safetensors, in PyTorch's names
 * or this library's, and writes them in the latter. The network follows from names and shapes.
 * Throws InputError that lists what does not fit, parameter by parameter.
 */
export async function importFile(file: string, { as, out, force = false }: ImportChoices): Promise<Imported> {
  requireOutput(out, { inputs: [file], replace: force });
  const arrays = await floatsIn(file);
  const { weights, what, facts } = as === "transformation" ? transformationIn(arrays, file) : resnetIn(arrays, file);
  writeArtifact(out, { arrays: weights, facts: { ...facts, role: as } });
  const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  return { what, facts, parameters };
}

interface Found {
  readonly weights: NamedArrays;
  readonly what: string;
  readonly facts: Readonly<Record<string, Json>>;
}

async function floatsIn(file: string): Promise<NamedArrays> {
  const isZip = lookInto(
    file,
    ({ bytes, read }) => Buffer.from(read(0, Math.min(2, bytes))).toString("latin1") === "PK",
  );
  return isZip ? readTorchFile(file) : readWeights(file);
}

function transformationIn(arrays: NamedArrays, file: string): Found {
  const names = Object.keys(arrays);
  const weights = isTorchTransformation(names)
    ? named(file, () => transformationFromTorch(arrays as TorchArrays))
    : arrays;
  const h = openTransformation(weights, file);
  h.dispose();
  const inputs = "together" in h.takes ? `${h.takes.together}` : `${h.takes.old} + ${h.takes.side}`;
  const sizes = { ...h.takes, target: h.target };
  return { weights, what: `transformation, ${inputs} -> ${h.target} dimensions`, facts: { sizes } };
}

function resnetIn(arrays: NamedArrays, file: string): Found {
  const isOwn = arrays["stem.convolution"] !== undefined;
  const weights = isOwn ? arrays : named(file, () => fromTorch(arrays as TorchArrays));
  const architecture = inferredResNet(weights);
  if (architecture === null) {
    const fault = "its blocks are not those of a ResNet of depth 18, 34, 50 or 101";
    throw new InputError({ file, fault });
  }
  const { depth, embedding, width = 64, wide = 1, stem } = architecture;
  const words = [
    `${wide === 1 ? "" : "wide "}ResNet-${depth}`,
    ...(width === 64 ? [] : [`width ${width}`]),
    ...(stem === undefined ? [] : ["small stem"]),
    `${embedding} dimensions`,
  ].join(", ");
  const wrong = misfits(architecture, weights);
  if (wrong.length > 0) throw new InputError({ file, fault: `is no ${words}: ${wrong.join("; ")}` });
  return { weights, what: words, facts: { architecture: { ...architecture } } };
}

/** Runs a translation of names, whose errors name the file. */
function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new InputError({ file, fault: (cause as Error).message, cause });
  }
}
