/** Values of 0 and 1 as bits, 32 to a word. */
export function bitsOf(values: ArrayLike<number>): Int32Array {
  const words = new Int32Array(Math.ceil(values.length / 32));
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 1) words[i >> 5] = (words[i >> 5] as number) | (1 << (i & 31));
  }
  return words;
}

/** The value at a place of bits, or of the floats that values other than 0 and 1 are kept as. */
export function valueAt(data: Int32Array | Float32Array, place: number): number {
  if (data instanceof Float32Array) return data[place] as number;
  return ((data[place >> 5] as number) >>> (place & 31)) & 1;
}
