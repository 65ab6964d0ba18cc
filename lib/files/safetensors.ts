import { open } from "node:fs/promises";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { readArtifact } from "../core/store";
import { decodeFloats, isFloat, safetensorsElementType } from "./element-type";
import { endsEarly, lookInto, type OpenedFile, type StoredArray, sizeInBytes } from "./find-array";
import { readFully } from "./matrix-file";

/** What a safetensors file says it holds. */
interface SafetensorsContent {
  readonly arrays: readonly StoredArray[];
  /** Names and types of what is none of ours, such as 8-bit floats. */
  readonly others: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

// The limit of the format's own reader.
const longestHeader = 100_000_000;

/** The header of a safetensors file. Throws where it is no such file, or an array does not lie within it as its shape needs. */
export function safetensorsContent({ path, bytes, read }: OpenedFile): SafetensorsContent {
  const length = bytes < 8 ? Number.POSITIVE_INFINITY : Number(Buffer.from(read(0, 8)).readBigUInt64LE());
  if (length > longestHeader) throw new Error(`${path} is no safetensors file: it begins with no length of a header`);
  const header = parsedHeader(Buffer.from(read(8, length)).toString("utf8"), path);
  const { __metadata__: metadata, ...entries } = header;
  const arrays: StoredArray[] = [];
  const others: string[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets } = checkedEntry(entry, `${path}#${name}`);
    const type = safetensorsElementType(dtype);
    if (type === null) {
      others.push(`${name} (${dtype})`);
      continue;
    }
    const [from, to] = data_offsets;
    const size = sizeInBytes(path, shape, type);
    if (to - from !== size) throw new Error(`${path}#${name} takes ${to - from} bytes: its shape needs ${size}`);
    if (8 + length + to > bytes) throw new Error(endsEarly(path, 8 + length + to, bytes));
    arrays.push({ path, name, shape, type, columnMajor: false, offset: 8 + length + from });
  }
  return { arrays, others, metadata: isObject(metadata) ? metadata : {} };
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function parsedHeader(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(text);
    if (isObject(header)) return header;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is no safetensors file: its header is no JSON object`);
}

function checkedEntry(entry: unknown, name: string): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (typeof dtype === "string" && isLengths(shape) && isLengths(offsets) && offsets.length === 2) {
    const [from = 0, to = 0] = offsets;
    return { dtype, shape, data_offsets: [from, to] };
  }
  throw new Error(`${name} is not described by dtype, shape and data_offsets: ${JSON.stringify(entry).slice(0, 120)}`);
}

function isLengths(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The bytes before the values of a safetensors file of one matrix of 32-bit floats. */
export function safetensorsHeader(name: string, rows: number, columns: number): Uint8Array {
  const entry = { dtype: "F32", shape: [rows, columns], data_offsets: [0, 4 * rows * columns] };
  const text = JSON.stringify({ [name]: entry });
  const padded = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** The floats of a safetensors file by name, all of them in memory. A file with this project's checksum is held against it. */
export async function readWeights(path: string): Promise<NamedArrays> {
  const { arrays, metadata } = lookInto(path, safetensorsContent);
  if (typeof metadata.sha256 === "string") return readArtifact(path).arrays;
  const entries: [string, NamedArray][] = [];
  for (const array of arrays.filter(({ type }) => isFloat(type))) {
    entries.push([array.name ?? "", { shape: array.shape, data: await valuesOf(array) }]);
  }
  return Object.fromEntries(entries);
}

async function valuesOf({ path, offset, shape, type }: StoredArray): Promise<Float32Array> {
  const file = await open(path, "r");
  try {
    return decodeFloats(await readFully(file, path, offset, sizeInBytes(path, shape, type)), type);
  } finally {
    await file.close();
  }
}
