// IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction.

/** What is larger rounds to infinity, from 65,520 on. */
export const largestHalf = 65_504;

/** Half-precision numbers, by their bits, as 32-bit floats. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  valuesByBits ??= Float32Array.from({ length: 65536 }, (_, bits) => halfValue(bits));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = valuesByBits[halves[i] as number] as number;
  return values;
}

/** The value of every half-precision number, once one is asked for. */
let valuesByBits: Float32Array | null = null;

/**
 * The bits of the nearest half-precision numbers, ties to even; infinite if they are too large.
 */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) halves[i] = halfBits(words[i] as number);
  return halves;
}

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// The smallest 32-bit floats, by their bits, that round to infinity (65,520), and with all ten bits
// of a fraction (2^-14).
const infinite = 0x477ff000;
const normal = 0x38800000;

/** The half nearest to a 32-bit float, both by their bits. */
function halfBits(bits: number): number {
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return 0x7e00;
  const sign = (bits >>> 16) & 0x8000;
  if (size >= infinite) return sign | 0x7c00;
  if (size < normal) return sign | roundedToEven(floatOf(size) * 2 ** 24);
  // 13 bits of the fraction go; a carry moves on to the next exponent, whose bias is 112 less.
  const even = (size >>> 13) & 1;
  return sign | ((size + 0xfff + even - (112 << 23)) >>> 13);
}

const word = new DataView(new ArrayBuffer(4));

function floatOf(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

function roundedToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
