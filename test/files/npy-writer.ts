/** What a hand-written NPY file says of itself. */
export interface NpyText {
  readonly version?: 1 | 2 | 3;
  readonly descr: string;
  readonly fortran?: boolean;
  readonly shape: readonly number[];
}

/** A NPY file by its description (numpy.lib.format): magic, version, length, a Python dictionary, then the values. */
export function npyFile({ version = 1, descr, fortran = false, shape }: NpyText, values: Uint8Array): Buffer {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortran ? "True" : "False";
  return npyOf(`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${lengths}), }`, values, version);
}

/** The same with a dictionary written out. */
export function npyOf(dictionary: string, values: Uint8Array, version = 1): Buffer {
  const text = Buffer.from(`${dictionary}\n`, version === 3 ? "utf8" : "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.of(0x93), Buffer.from("NUMPY"), Buffer.of(version, 0), length, text, values]);
}

/** Numbers as bytes of a NumPy type, by DataView. */
export function bytesAs(descr: string, numbers: ArrayLike<number>): Uint8Array {
  const size = Number(descr.slice(2));
  const view = new DataView(new ArrayBuffer(size * numbers.length));
  const set = setters[descr.slice(1)];
  for (let i = 0; i < numbers.length; i++) set?.(view, i * size, numbers[i] ?? 0, descr[0] !== ">");
  return new Uint8Array(view.buffer);
}

type Setter = (view: DataView, at: number, value: number, little: boolean) => void;

const setters: Readonly<Record<string, Setter>> = {
  f2: (view, at, value, little) => view.setUint16(at, halfBits(value), little),
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
  i1: (view, at, value) => view.setInt8(at, value),
  u1: (view, at, value) => view.setUint8(at, value),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  u2: (view, at, value, little) => view.setUint16(at, value, little),
  i4: (view, at, value, little) => view.setInt32(at, value, little),
  u4: (view, at, value, little) => view.setUint32(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  u8: (view, at, value, little) => view.setBigUint64(at, BigInt(value), little),
};

/** Half precision of a number that it holds exactly. */
function halfBits(value: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  const sign = (bits.getUint32(0) >>> 31) << 15;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

/** A safetensors file by its description: the header's length, the header, then the values. */
export function safetensorsFile(header: object | string, values: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, values]);
}
