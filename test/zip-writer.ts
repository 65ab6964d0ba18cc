import { deflateRawSync } from "node:zlib";

/** A file or, with a slash at its end, a folder of a zip archive. */
export interface ZipPart {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** Stored as it is; by default it is deflated. */
  readonly stored?: boolean;
  /** Unix mode, type included. */
  readonly mode?: number;
}

/** A zip archive of the given parts, whatever their names: local headers and contents, central directory, end. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", stored = false, mode = 0 } of parts) {
    const plain = Buffer.from(content);
    const packed = stored ? plain : deflateRawSync(plain);
    // Flags (names in UTF-8), method, time, date, CRC-32, packed size, size, name length, extra length.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(stored ? 0 : 8, 4);
    shared.writeUInt32LE(crc32(plain), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(plain.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const header = [Buffer.from([0x50, 0x4b, 3, 4]), shared, Buffer.from(name), packed];
    central.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 3]), shared, rest, Buffer.from(name));
    local.push(...header);
    offset += header.reduce((length, part) => length + part.length, 0);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** CRC-32 bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (0xedb88320 & -(remainder & 1));
  }
  return ~remainder >>> 0;
}
