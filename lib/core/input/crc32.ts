// Node has had its own only since 20.15.
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});

/** The CRC-32 of zip archives and PNG images. */
export function crc32(bytes: Uint8Array): number {
  let checksum = -1;
  for (let i = 0; i < bytes.length; i++) {
    checksum = (checksum >>> 8) ^ (table[(checksum ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~checksum >>> 0;
}
