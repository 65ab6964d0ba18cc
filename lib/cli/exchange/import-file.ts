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
import { readCheckpoint } from "../../language/checkpoint/checkpoint";
import { networkIn } from "./inferred-resnet";

/** What a file of weights is taken for. */
export const importRoles = ["backbone", "side-information", "transformation", "language-model"] as const;

/** A file of another program's weights, and where they go. */
export interface ImportChoices {
  readonly as: (typeof importRoles)[number];
  readonly out: string;
  readonly force?: boolean;
  /** Of a file with several networks, what the names of the wanted one begin with. */
  readonly part?: string;
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
 * or this library's, and writes them in the latter. The network follows from names and shapes; that
 * of a language model from the config.json beside its weights. Throws InputError that lists what
 * does not fit, parameter by parameter.
 */
export async function importFile(
  file: string,
  { as, out, force = false, part = "" }: ImportChoices,
): Promise<Imported> {
  const requireApart = (inputs: readonly string[]): void =>
    requireOutput(out, { inputs, replace: force, endings: [".safetensors"] });
  requireApart([file]);
  const { weights, what, facts, kept, read = [] } = await foundIn(file, { as, part });
  requireApart(read);
  writeArtifact(out, { arrays: weights, facts: { ...facts, ...kept, role: as } });
  const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  return { what, facts, parameters };
}

async function foundIn(file: string, { as, part }: Required<Pick<ImportChoices, "as" | "part">>): Promise<Found> {
  if (as === "language-model") return languageModelIn(file, part);
  const arrays = partOf(await floatsIn(file), part, file);
  return as === "transformation" ? transformationIn(arrays, file) : resnetIn(arrays, file);
}

async function languageModelIn(file: string, part: string): Promise<Found> {
  if (part !== "") throw new InputError({ file, fault: "a language model is read whole", remedy: "leave --part out" });
  const { weights, what, sizes, tokenizer, files: read } = await readCheckpoint(file);
  return { weights, what, facts: { sizes: sizes as unknown as Json }, kept: { tokenizer: { ...tokenizer } }, read };
}

/** The arrays whose names begin with `part`. Throws InputError if there are none. */
function partOf(arrays: NamedArrays, part: string, file: string): NamedArrays {
  const chosen = Object.entries(arrays).filter(([name]) => name.startsWith(part));
  if (chosen.length > 0) return Object.fromEntries(chosen);
  const fault = part === "" ? "it holds no weights" : `no name in it begins with ${part}`;
  throw new InputError({ file, fault, ...partsRemedy(arrays) });
}

/** Which parts may be named, if a file holds several networks. */
function partsRemedy(arrays: NamedArrays): { readonly remedy?: string } {
  const parts = Object.keys(arrays).flatMap((name) => {
    const [, prefix] = /^(.*?)(?:conv1\.weight|p1\.0\.conv\.weight)$/.exec(name) ?? [];
    return prefix === undefined || /(^|\.)layer\d+\.\d+\.$/.test(prefix) ? [] : [prefix];
  });
  return parts.length < 2 ? {} : { remedy: `name one of its networks by --part: ${parts.sort().join(", ")}` };
}

interface Found {
  readonly weights: NamedArrays;
  readonly what: string;
  readonly facts: Readonly<Record<string, Json>>;
  /** What is written beside the facts but is too long to be shown. */
  readonly kept?: Readonly<Record<string, Json>>;
  /** The files that it was read from, if they are others than the one that was named. */
  readonly read?: readonly string[];
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
  const weights = isTorchTransformation(names) ? named(file, arrays, transformationFromTorch) : arrays;
  const h = openTransformation(weights, file);
  h.dispose();
  const inputs = "together" in h.takes ? `${h.takes.together}` : `${h.takes.old} + ${h.takes.side}`;
  const sizes = { ...h.takes, target: h.target };
  return { weights, what: `transformation, ${inputs} -> ${h.target} dimensions`, facts: { sizes } };
}

function resnetIn(arrays: NamedArrays, file: string): Found {
  const isOwn = arrays["stem.convolution"] !== undefined;
  const weights = isOwn ? arrays : named(file, arrays, fromTorch);
  const { architecture, what } = networkIn(weights, file);
  const isLeftOut = Object.keys(arrays).some((name) => /(^|\.)fc\.bias$/.test(name));
  const without = isLeftOut ? ", without its classifier, which has a bias" : "";
  return { weights, what: `${what}${without}`, facts: { architecture: { ...architecture } } };
}

/** Runs a translation of names, whose errors name the file. */
function named(file: string, arrays: NamedArrays, translate: (arrays: TorchArrays) => NamedArrays): NamedArrays {
  try {
    return translate(arrays as TorchArrays);
  } catch (cause) {
    throw new InputError({ file, fault: (cause as Error).message, ...partsRemedy(arrays), cause });
  }
}
