/** How a file stores one value. */
export interface ElementType {
  /** As the file says it, such as "<f4" or "BF16". */
  readonly code: string;
  /** "brain" is bfloat16: the upper half of a 32-bit float. */
  readonly kind: "float" | "brain" | "integer" | "unsigned";
  readonly bytes: 1 | 2 | 4 | 8;
  readonly bigEndian: boolean;
}

const widths: Readonly<Record<ElementType["kind"], readonly number[]>> = {
  float: [2, 4, 8],
  brain: [2],
  integer: [1, 2, 4, 8],
  unsigned: [1, 2, 4, 8],
};

/** Is it a real number rather than a whole one? */
export function isFloat({ kind }: ElementType): boolean {
  return kind === "float" || kind === "brain";
}

/** The type of NumPy's `descr`; throws naming it, what is allowed and how to convert. "=" is the machine's order, little-endian here. */
export function npyElementType(descr: string, path: string): ElementType {
  if (/^.?O/.test(descr)) {
    throw new Error(
      `${path} holds pickled Python objects (${descr}), which are not read because they may run code: ` +
        "save numbers, a.astype(np.float32) or a.astype(np.int64)",
    );
  }
  const [, order = "", letter = "", digits = ""] = /^([<>=|])([fiu])([1248])$/.exec(descr) ?? [];
  const kind = ({ f: "float", i: "integer", u: "unsigned" } as const)[letter];
  const type = kind && elementType(descr, kind, Number(digits), order === ">");
  if (type) return type;
  throw new Error(`${path} holds values of type ${descr}: allowed are f2, f4, f8, i1 to i8 and u1 to u8`);
}

/** The type of safetensors' `dtype`; null for one that is neither a float nor a whole number of 8 to 64 bits. */
export function safetensorsElementType(dtype: string): ElementType | null {
  const [, letters = "", bits = ""] = /^(F|BF|I|U)(8|16|32|64)$/.exec(dtype) ?? [];
  const kind = ({ F: "float", BF: "brain", I: "integer", U: "unsigned" } as const)[letters];
  return kind ? elementType(dtype, kind, Number(bits) / 8, false) : null;
}

function elementType(code: string, kind: ElementType["kind"], bytes: number, bigEndian: boolean): ElementType | null {
  return widths[kind].includes(bytes) ? { code, kind, bytes: bytes as ElementType["bytes"], bigEndian } : null;
}

/** Values of a float type as 32-bit floats: 64-bit ones are rounded. May be a view of `bytes`, whose order of bytes it may change. */
export function decodeFloats(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Float32Array {
  const { buffer, byteOffset, length } = inMachineOrder(bytes, type);
  const count = length / type.bytes;
  if (type.kind === "brain") return fromUpperHalves(new Uint16Array(buffer, byteOffset, count));
  if (type.bytes === 8) return new Float32Array(new Float64Array(buffer, byteOffset, count));
  if (type.bytes === 4) return new Float32Array(buffer, byteOffset, count);
  return fromHalves(new Uint16Array(buffer, byteOffset, count));
}

/** Values of a whole-number type; those beyond 2^53 are rounded. */
export function decodeIntegers(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Float64Array {
  const { buffer, byteOffset, length } = inMachineOrder(bytes, type);
  const count = length / type.bytes;
  const signed = type.kind === "integer";
  switch (type.bytes) {
    case 1:
      return new Float64Array(signed ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(bytes));
    case 2:
      return new Float64Array(new (signed ? Int16Array : Uint16Array)(buffer, byteOffset, count));
    case 4:
      return new Float64Array(new (signed ? Int32Array : Uint32Array)(buffer, byteOffset, count));
    case 8:
      return Float64Array.from(new (signed ? BigInt64Array : BigUint64Array)(buffer, byteOffset, count), Number);
  }
}

function inMachineOrder(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Uint8Array<ArrayBuffer> {
  if (!type.bigEndian || type.bytes === 1) return bytes;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type.bytes === 2) view.swap16();
  if (type.bytes === 4) view.swap32();
  if (type.bytes === 8) view.swap64();
  return bytes;
}

function fromUpperHalves(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) << 16;
  return new Float32Array(words.buffer);
}

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
function fromHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = halfValue(halves[i] as number);
  return values;
}

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
