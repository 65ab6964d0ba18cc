import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isPlainObject } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { readRegularFile, unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { NamedArrays } from "../../core/named-arrays";
import { readWeights } from "../../files/weights";
import type { DecoderSizes } from "../decoder/decoder";
import { utf8Text } from "../texts/utf8";
import { importedTokenizer } from "../tokens/imported-tokenizer";
import { longestTokenizer, parseTokenizer } from "../tokens/tokenizer-file";
import { type CheckpointConfig, parseConfig } from "./config";
import { checkpointWeights } from "./parameters";

/** A decoder of another program in this library's form. */
export interface Checkpoint {
  /** In a few words, such as "GPT-NeoX decoder, 6 blocks of width 512, ...". */
  readonly what: string;
  readonly sizes: DecoderSizes;
  readonly weights: NamedArrays;
  readonly tokenizer: StoredTokenizer;
  /** The full paths of the files that its weights were read from. */
  readonly files: readonly string[];
}

/** The text of a tokenizer.json, and the tokens that begin and end a text. */
export interface StoredTokenizer {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a GPT-NeoX or a Llama as the library transformers saves it: a folder with config.json,
 * tokenizer.json and model.safetensors, or several files of weights and their index; or one of the
 * files of weights, or the index, in such a folder. Throws InputError, which of weights that do not
 * fit lists what is wrong parameter by parameter.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const folder = isFolder(path) ? path : dirname(path);
  const config = parseConfig(...(await textIn(folder, "config.json", 1_000_000)));
  const [text, tokenizerPath] = await textIn(folder, "tokenizer.json", longestTokenizer);
  const { begin, end, sizes } = config;
  const tokenizer = { text, begin, end };
  requireTokenizer(tokenizer, sizes, tokenizerPath);
  const weightsPath = folder === path ? weightsIn(folder) : path;
  const files = await weightFiles(weightsPath);
  const what = described(config);
  const found = checkpointWeights(config, await arraysOf(files));
  if ("weights" in found) {
    return { what, sizes, weights: found.weights, tokenizer, files: files.map((file) => resolve(file)) };
  }
  throw new InputError({ file: weightsPath, fault: `is no ${what}: ${found.wrong.join("; ")}` });
}

function described({ family, sizes }: CheckpointConfig): string {
  const { vocabulary, context, width, depth, heads, form } = sizes;
  const { keyHeads, network, rotary, tied } = form;
  return [
    `${family} decoder`,
    `${depth} ${depth === 1 ? "block" : "blocks"} of width ${width}`,
    `${heads} heads${keyHeads === heads ? "" : ` on ${keyHeads} of keys`}`,
    `${network.kind} of ${network.hidden}`,
    `rotary positions of ${rotary.features} features`,
    `${vocabulary} tokens${tied ? "" : ", untied"}`,
    `context ${context}`,
  ].join(", ");
}

function requireTokenizer({ text, ...ends }: StoredTokenizer, { vocabulary }: DecoderSizes, path: string): void {
  const file = parseTokenizer(text, path);
  try {
    importedTokenizer(file, { vocabulary, ...ends });
  } catch (cause) {
    const remedy = "take the tokenizer that belongs to the weights";
    throw new InputError({ file: path, fault: (cause as Error).message, remedy, cause });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The text of a file of a folder, and its path. */
async function textIn(folder: string, name: string, most: number): Promise<[text: string, path: string]> {
  const path = join(folder, name);
  if (!existsSync(path)) {
    const remedy = "save the model and its tokenizer into one folder by save_pretrained of transformers";
    throw new InputError({ file: folder, fault: `has no ${name}`, remedy });
  }
  return [utf8Text(await readRegularFile(path, { most }), { file: path }), path];
}

const oneFile = "model.safetensors";
const index = `${oneFile}.index.json`;

function weightsIn(folder: string): string {
  const found = [oneFile, index].find((name) => existsSync(join(folder, name)));
  if (found !== undefined) return join(folder, found);
  const remedy = "save it by save_pretrained of transformers, which writes safetensors";
  throw new InputError({ file: folder, fault: `has neither ${oneFile} nor ${index}`, remedy });
}

/** The files of weights that a path means: it alone, or those that it names if it is an index. */
async function weightFiles(path: string): Promise<readonly string[]> {
  if (!path.endsWith(".index.json")) return [path];
  const names = filesIn(...(await textIn(dirname(path), basename(path), 10_000_000)));
  return names.map((name) => join(dirname(path), name));
}

async function arraysOf(files: readonly string[]): Promise<NamedArrays> {
  const parts: NamedArrays[] = [];
  for (const file of files) parts.push(await readWeights(file));
  return Object.assign({}, ...parts);
}

/** The files that an index names, each in the index's own folder. */
function filesIn(text: string, path: string): readonly string[] {
  const refuse = (fault: string): InputError => new InputError({ file: path, fault });
  const found = boundedJson(text, { length: 10_000_000, depth: 4, values: 500_000 }, refuse);
  const map = isPlainObject(found) ? found.weight_map : undefined;
  if (!isPlainObject(map)) throw refuse('has no object "weight_map"');
  const names = [...new Set(Object.values(map))];
  const odd = names.find((name) => typeof name !== "string" || !/^[\w.-]+\.safetensors$/.test(name));
  if (odd !== undefined) throw refuse(`names ${JSON.stringify(odd)}: a .safetensors file beside it is expected`);
  return names as string[];
}
