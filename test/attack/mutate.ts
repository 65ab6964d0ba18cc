import type { Random } from "../../lib/core/random";

/** Lengths and counts that formats store, and what an attacker writes in their place. */
const telling = [0, 1, 2, 3, 4, 7, 8, 127, 128, 255, 256, 32_767, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Mutation = (bytes: Buffer, draw: Random) => Buffer;

const mutations: readonly Mutation[] = [
  // One to eight flipped bits.
  (bytes, draw) => {
    for (let i = draw.integer(8); i >= 0 && bytes.length > 0; i--) {
      const at = draw.integer(bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << draw.integer(8));
    }
    return bytes;
  },
  // Random bytes from somewhere on.
  (bytes, draw) => {
    const at = draw.integer(bytes.length + 1);
    for (let i = at; i < Math.min(bytes.length, at + 1 + draw.integer(16)); i++) bytes[i] = draw.integer(256);
    return bytes;
  },
  // Cut off.
  (bytes, draw) => bytes.subarray(0, draw.integer(bytes.length + 1)),
  // A piece taken out.
  (bytes, draw) => {
    const at = draw.integer(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + draw.integer(64))]);
  },
  // A piece said twice.
  (bytes, draw) => {
    const at = draw.integer(bytes.length + 1);
    const end = Math.min(bytes.length, at + draw.integer(256));
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  // Bytes behind the end.
  (bytes, draw) => Buffer.concat([bytes, Buffer.alloc(1 + draw.integer(600), draw.integer(256))]),
  // A telling number in 1, 2, 4 or 8 bytes, of either order.
  (bytes, draw) => {
    const size = 2 ** draw.integer(4);
    if (bytes.length < size) return bytes;
    const value = telling[draw.integer(telling.length)] as number;
    const at = draw.integer(bytes.length - size + 1);
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(draw.integer(4) === 0 ? 2n ** 64n - 1n - BigInt(value) : BigInt(value));
    const field = number.subarray(0, size);
    (draw.integer(2) === 0 ? field : Buffer.from(field).reverse()).copy(bytes, at);
    return bytes;
  },
  // A digit of a text replaced by another, or by many.
  (bytes, draw) => {
    const digits = [...bytes.keys()].filter((at) => (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57);
    if (digits.length === 0) return bytes;
    const at = digits[draw.integer(digits.length)] as number;
    const put = ["-1", "0", "9", "99999999999", "1e309", "1.5", "null", "00"][draw.integer(8)] as string;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + 1)]);
  },
  // Brackets opened again and again.
  (bytes, draw) => {
    const at = draw.integer(bytes.length + 1);
    const nest = Buffer.from((["[", '{"a":', "("][draw.integer(3)] as string).repeat(2 ** (4 + draw.integer(12))));
    return Buffer.concat([bytes.subarray(0, at), nest, bytes.subarray(at)]);
  },
  // The end of one input behind the beginning of itself, at another place.
  (bytes, draw) =>
    Buffer.concat([bytes.subarray(0, draw.integer(bytes.length + 1)), bytes.subarray(draw.integer(bytes.length + 1))]),
];

/** A mutated copy of a valid input: one to four mutations, determined by the stream alone. */
export function mutate(valid: Uint8Array, draw: Random): Buffer {
  let bytes = Buffer.from(valid);
  for (let i = draw.integer(2) * draw.integer(4); i >= 0; i--) {
    bytes = Buffer.from((mutations[draw.integer(mutations.length)] as Mutation)(bytes, draw));
  }
  return bytes;
}
