import { expect } from "vitest";

// Typed arrays of the same type and bytes are equal. Vitest would compare them value by value, which
// takes seconds for large ones; those that differ are left to it, because it says where.
expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined;
    return Buffer.compare(bytesIn(a), bytesIn(b)) === 0 ? true : undefined;
  },
]);

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
