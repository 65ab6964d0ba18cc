import { sha256 } from "../lib/core/hash";
import type { NamedArrays } from "../lib/core/named-arrays";

/** A hash of every name, shape and byte: comparing hashes is far faster than comparing large arrays value by value. */
export function bytesOf(arrays: NamedArrays): string {
  const parts = Object.entries(arrays).map(([name, { shape, data }]) => {
    const bytes = sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return `${name} [${shape}] ${bytes}`;
  });
  return sha256(parts.sort().join("\n"));
}
