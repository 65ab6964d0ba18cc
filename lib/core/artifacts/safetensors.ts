import { isUtf8 } from "node:buffer";
import { isPlainObject } from "../hash";
import { boundedJson } from "../input/json";

/** An array as the header of a safetensors file declares it. */
interface DeclaredArray {
  readonly name: string;
  /** The format's name of the type of one value, such as "F32". */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** An array in a file, row-major and little-endian, from byte `offset` on. */
export interface PlacedArray extends DeclaredArray {
  readonly offset: number;
}

/** What a safetensors file says about itself. */
interface SafetensorsHeader {
  readonly arrays: readonly PlacedArray[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes before the first array. */
  readonly head: Buffer;
}

/** A file to read a header from: its size, and a function that returns bytes from `first` on. */
interface HeaderSource {
  readonly bytes: number;
  readonly read: (first: number, count: number) => Uint8Array<ArrayBuffer>;
}

type Refuse = (reason: string) => Error;

// The limit of the format's own reader.
const longestHeader = 100_000_000;
// An array takes about eight values: this is enough for a quarter of a million arrays.
const limits = { length: longestHeader, depth: 8, values: 2_000_000, naturals: true } as const;

/**
 * The bytes before the arrays of a safetensors file: the length of the header in eight bytes, then
 * the header as JSON, padded by spaces to a multiple of eight. The arrays must follow without gaps,
 * in the given order.
 */
export function encodeHeader(arrays: readonly DeclaredArray[], metadata?: Readonly<Record<string, string>>): Buffer {
  const entries: [string, object][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  let end = 0;
  for (const { name, dtype, shape, bytes } of arrays) {
    entries.push([name, { dtype, shape, data_offsets: [end, end + bytes] }]);
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padding = Buffer.alloc((8 - (text.length % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length + padding.length));
  return Buffer.concat([length, text, padding]);
}

/** Whether these are the first bytes of a safetensors file; nine are enough. */
export function isSafetensors(start: Uint8Array): boolean {
  return start.length > 8 && Buffer.from(start).readUInt32LE(4) === 0 && start[8] === "{".charCodeAt(0);
}

/**
 * The header of a safetensors file. If it is malformed, or if the arrays do not fill the rest of
 * the file without gaps and overlaps, throws the error that `refuse` makes of the reason. As strict
 * as the format's own reader.
 */
export function readHeader({ bytes, read }: HeaderSource, refuse: Refuse): SafetensorsHeader {
  const length = bytes < 8 ? Number.POSITIVE_INFINITY : Number(Buffer.from(read(0, 8)).readBigUInt64LE());
  if (length > longestHeader) throw refuse("it does not begin with the length of a header");
  if (8 + length > bytes) throw refuse(cutShort(8 + length, bytes));
  const { buffer, byteOffset } = read(0, 8 + length);
  const head = Buffer.from(buffer, byteOffset, 8 + length);
  const header = headerObject(head.subarray(8), refuse);
  const { __metadata__, ...entries } = header;
  const metadata = __metadata__ ?? {};
  if (!isTexts(metadata)) throw refuse("its metadata is not an object of strings");
  const arrays = Object.entries(entries).map(([name, entry]) => placedArray(name, entry, head.length, refuse));
  checkLayout(arrays, { start: head.length, bytes }, refuse);
  return { arrays, metadata, head };
}

function headerObject(content: Buffer, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (content[0] !== "{".charCodeAt(0)) throw refuse("its header is not a JSON object");
  if (!isUtf8(content)) throw refuse("its header is not valid UTF-8");
  const header = boundedJson(content.toString("utf8"), limits, (reason) => refuse(`its header ${reason}`));
  if (!isPlainObject(header)) throw refuse("its header is not a JSON object");
  return header;
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isPlainObject(value) && Object.values(value).every((member) => typeof member === "string");
}

function placedArray(name: string, entry: unknown, start: number, refuse: Refuse): PlacedArray {
  const { dtype, shape, data_offsets: offsets } = isPlainObject(entry) ? entry : {};
  const [from = 0, to = -1] = isLengths(offsets) && offsets.length === 2 ? offsets : [];
  if (typeof dtype !== "string" || !isLengths(shape) || from > to) {
    throw refuse(`array ${name} is not described by dtype, shape and data_offsets`);
  }
  const bytes = to - from;
  const needed = bytesNeeded(name, dtype, shape, refuse);
  if (bytes !== needed) throw refuse(`array ${name} takes ${bytes} bytes, its shape needs ${needed}`);
  return { name, dtype, shape, bytes, offset: start + from };
}

function isLengths(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

/** Bits of one value, for all types of the format. */
const bitsOf: Readonly<Record<string, number>> = {
  ...{ BOOL: 8, U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32, U64: 64, I64: 64 },
  ...{ F16: 16, BF16: 16, F32: 32, F64: 64, C64: 64 },
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
};

function bytesNeeded(name: string, dtype: string, shape: readonly number[], refuse: Refuse): number {
  const bits = Object.hasOwn(bitsOf, dtype) ? bitsOf[dtype] : undefined;
  if (bits === undefined) throw refuse(`array ${name} is of type ${dtype}, which the format does not have`);
  // Checked step by step, because a length of 0 would hide the others.
  return (
    shape.reduce((product, length) => {
      if (product * length <= Number.MAX_SAFE_INTEGER) return product * length;
      throw refuse(`array ${name} is too large, ${shape.join(" x ")}`);
    }, bits) / 8
  );
}

function checkLayout(
  arrays: readonly PlacedArray[],
  { start, bytes: found }: { readonly start: number; readonly bytes: number },
  refuse: Refuse,
): void {
  let end = start;
  const inOrder = [...arrays].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  for (const { name, offset, bytes } of inOrder) {
    if (offset !== end) throw refuse(`array ${name} begins at byte ${offset} instead of ${end}`);
    end += bytes;
  }
  if (found < end) throw refuse(cutShort(end, found));
  if (found > end) throw refuse(`it goes on after its arrays: ${end} bytes are expected, ${found} found`);
}

function cutShort(expected: number, found: number): string {
  return `it is cut short: ${expected} bytes are expected, ${found} found`;
}
