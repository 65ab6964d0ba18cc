import { fromHalves } from "../core/encoding/half";
import { InputError } from "../core/input-error";

/** How a file stores one value. */
export interface ElementType {
  /** The file's own name of the type, such as "<f4" or "BF16". */
  readonly code: string;
  /** "brain" is bfloat16: the upper half of a 32-bit float. Truth values are unsigned, 0 or 1. */
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

/** Whether values of the type are real numbers rather than whole ones. */
export function isFloat({ kind }: ElementType): boolean {
  return kind === "float" || kind === "brain";
}

/** Whether NumPy's `descr` names a type of real or whole numbers, be it read here or not. */
export function isOfNumbers(descr: string): boolean {
  return /^.[fiub]/.test(descr);
}

/**
 * The type that NumPy's `descr` names; "=" is the byte order of the machine, here little-endian.
 * Throws, naming the type and those allowed, if it is not one of numbers.
 */
export function npyElementType(descr: string, path: string): ElementType {
  if (/^.?O/.test(descr)) {
    throw new InputError({
      file: path,
      fault: `holds pickled Python objects (${descr}), which are not read because they may run code`,
      remedy: "save numbers, a.astype(np.float32), or for labels np.unique(a, return_inverse=True)[1]",
    });
  }
  const [, order = "", letter = "", digits = ""] = /^([<>=|])([fiub])([1248])$/.exec(descr) ?? [];
  const kind = ({ f: "float", i: "integer", u: "unsigned", b: "unsigned" } as const)[letter];
  const type = kind && elementType(descr, kind, letter === "b" && digits !== "1" ? 0 : Number(digits), order === ">");
  if (type) return type;
  throw new InputError({
    file: path,
    fault: `holds values of type ${descr}: f2, f4, f8, i1 to i8, u1 to u8 and b1 are allowed`,
    ...(/^.[USV]/.test(descr) ? { remedy: numbered } : {}),
  });
}

/** What to do about labels that are not numbers which a 64-bit float counts. */
export const numbered =
  "number the classes of both sides together, np.unique(labels, return_inverse=True)[1], and save those numbers";

/** The type that safetensors' `dtype` names; null if it is not read, such as 8-bit floats. */
export function safetensorsElementType(dtype: string): ElementType | null {
  if (dtype === "BOOL") return elementType(dtype, "unsigned", 1, false);
  const [, letters = "", bits = ""] = /^(F|BF|I|U)(8|16|32|64)$/.exec(dtype) ?? [];
  const kind = ({ F: "float", BF: "brain", I: "integer", U: "unsigned" } as const)[letters];
  return kind ? elementType(dtype, kind, Number(bits) / 8, false) : null;
}

function elementType(code: string, kind: ElementType["kind"], bytes: number, bigEndian: boolean): ElementType | null {
  return widths[kind].includes(bytes) ? { code, kind, bytes: bytes as ElementType["bytes"], bigEndian } : null;
}

/**
 * Values of a float type as 32-bit floats; 64-bit values are rounded. The result may be a view of
 * `bytes`, which are converted to the byte order of the machine in place.
 */
export function decodeFloats(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Float32Array {
  const { buffer, byteOffset, length } = inMachineOrder(bytes, type);
  const count = length / type.bytes;
  if (type.kind === "brain") return fromUpperHalves(new Uint16Array(buffer, byteOffset, count));
  if (type.bytes === 8) return new Float32Array(new Float64Array(buffer, byteOffset, count));
  if (type.bytes === 4) return new Float32Array(buffer, byteOffset, count);
  return fromHalves(new Uint16Array(buffer, byteOffset, count));
}

/** Values of any type as 32-bit floats, as decodeFloats; whole numbers beyond 2^24 are rounded. */
export function decodeNumbers(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Float32Array {
  return isFloat(type) ? decodeFloats(bytes, type) : Float32Array.from(decodeIntegers(bytes, type));
}

/**
 * Values of a whole-number type; those beyond 2^53 are rounded. `bytes` are converted to the byte
 * order of the machine in place.
 */
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
