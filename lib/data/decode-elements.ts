import type { ElementType } from "./element-type";

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
