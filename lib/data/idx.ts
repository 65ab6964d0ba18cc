/** An IDX file of bytes: its sizes, slowest first, and its values in that order. */
export interface Idx {
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
}

const unsignedBytes = 0x08;

/**
 * The content of an IDX file of unsigned bytes with the given number of dimensions (the MNIST format: a magic number of 0, 0, type and number
 * of dimensions, then big-endian sizes). Throws an error that names the file where it is foreign, cut or too long.
 */
export function parseIdx(name: string, bytes: Buffer, dimensions: number): Idx {
  const header = 4 + 4 * dimensions;
  if (bytes.length < header) throw new Error(`${name} is no IDX file: ${bytes.length} bytes, its header has ${header}`);
  const magic = bytes.readUInt32BE(0);
  const expected = unsignedBytes * 256 + dimensions;
  if (magic !== expected)
    throw new Error(`${name} is no IDX file of bytes: magic number ${magic} instead of ${expected}`);
  const sizes = Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length - header !== count) {
    throw new Error(`${name} has ${bytes.length - header} values instead of the ${sizes.join(" x ")} it declares`);
  }
  return { sizes, values: bytes.subarray(header) };
}
