// IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction.

/** What is larger rounds to infinity, from 65,520 on. */
export const largestHalf = 65_504;

/** Half-precision numbers, by their bits, as 32-bit floats. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = halfValue(halves[i] as number);
  return values;
}

/**
 * The bits of the nearest half-precision numbers, ties to even; infinite if they are too large.
 */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = halfBits(values[i] as number);
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

function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  // Below 2^-14 the steps are those of the smallest exponent. A carry moves on to the next one.
  const exponent = Math.min(16, Math.max(-14, exponentOf(size)));
  const steps = roundedToEven(size / 2 ** (exponent - 10));
  return sign | Math.min(0x7c00, ((exponent + 14) << 10) + steps);
}

const word = new DataView(new ArrayBuffer(4));

/** The binary exponent of a positive 32-bit float. */
function exponentOf(size: number): number {
  word.setFloat32(0, size);
  return (word.getUint32(0) >>> 23) - 127;
}

function roundedToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
