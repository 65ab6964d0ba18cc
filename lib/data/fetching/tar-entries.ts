import { InputError } from "../../core/input-error";
import { type ByteSource, byteSource } from "./byte-source";

/** An entry of a tar archive: nothing in it is to be trusted. */
interface TarEntry {
  readonly path: string;
  /** "file", "folder", or what else it is, such as "symlink". */
  readonly kind: string;
  /** Bytes of its content. */
  readonly size: number;
  /** The content; what is not taken of it is left out. */
  readonly content: AsyncIterable<Uint8Array>;
}

const blockBytes = 512;
// Names and extended headers are far shorter; they are held in memory.
const longestHeader = 2 ** 20;

/**
 * The entries of an uncompressed tar archive (ustar, pax and GNU), one after the other, up to its
 * end block; the stream is read to its end. Throws InputError if the archive is cut or malformed.
 */
export async function* tarEntries(archive: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = byteSource(stream);
  const refuse = (reason: string): InputError =>
    new InputError({
      file: archive,
      place: `byte ${source.position()}`,
      fault: `is not a readable tar archive: ${reason}`,
    });
  if (await source.ended()) throw refuse("it is empty");
  const global: Extended = {};
  let own = none;
  for (let header = await nextHeader(source, refuse); header !== null; header = await nextHeader(source, refuse)) {
    if (header.type in extending) {
      if (header.size > longestHeader) throw refuse(`a header of ${header.size} bytes`);
      const text = await source.take(header.size, refuse);
      await source.take(padding(header.size), refuse);
      if (header.type === "g") Object.assign(global, paxRecords(text, refuse));
      else own = { ...own, ...(header.type === "x" ? paxRecords(text, refuse) : longName(header.type, text)) };
      continue;
    }
    const { path = header.path, size: declared = header.size } = { ...global, ...own };
    own = none;
    const kind = kindOf(header.type, path);
    const size = kind === "file" ? declared : 0;
    const content = source.passing(size, refuse);
    yield { path, kind, size, content };
    for await (const _ of content);
    await source.take(padding(size), refuse);
  }
  if (own !== none) throw refuse("it ends after an extended header");
  await source.drain();
}

type Refuse = (reason: string) => InputError;

/** What an extended header says of the next entry. */
interface Extended {
  readonly path?: string;
  readonly size?: number;
}

const none: Extended = {};

const extending: Readonly<Record<string, string>> = {
  x: "pax header",
  g: "global pax header",
  L: "long path",
  K: "long target of a link",
};

const kinds: Readonly<Record<string, string>> = {
  ...{ "0": "file", "\0": "file", "1": "link", "2": "symlink", "3": "character-device", "4": "block-device" },
  ...{ "5": "folder", "6": "fifo", "7": "contiguous-file" },
};

function kindOf(type: string, path: string): string {
  const kind = kinds[type] ?? `entry of type ${JSON.stringify(type)}`;
  if (kind !== "file" || !path.endsWith("/")) return kind;
  // Old programs, which know no types, mark a folder by its name alone.
  return type === "\0" ? "folder" : "file with a slash at the end of its name";
}

interface Header {
  readonly path: string;
  readonly type: string;
  readonly size: number;
}

/** The next header; null at the end block, or if the stream ends between entries. */
async function nextHeader(source: ByteSource, refuse: Refuse): Promise<Header | null> {
  if (await source.ended()) return null;
  const block = await source.take(blockBytes, refuse);
  if (block.every((byte) => byte === 0)) return null;
  checkSum(block, refuse);
  const magic = block.toString("latin1", 257, 263);
  if (magic !== "ustar\0" && magic !== "ustar ") throw refuse("its header is of an unknown format");
  for (const [what, start, end] of otherNumbers) numberIn(block.subarray(start, end), what, refuse);
  const prefix = magic === "ustar\0" ? textIn(block, 345, 155) : "";
  const name = textIn(block, 0, 100);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] as number),
    size: numberIn(block.subarray(124, 136), "size", refuse),
  };
}

/** Fields that are not needed; but a header in which one is no number is damaged. */
const otherNumbers = [
  ["mode", 100, 108],
  ["owner", 108, 116],
  ["group", 116, 124],
  ["time", 136, 148],
  ["major device", 329, 337],
  ["minor device", 337, 345],
] as const;

/** The sum of all bytes, those of the sum itself counted as spaces. */
function checkSum(block: Buffer, refuse: Refuse): void {
  let sum = 8 * 32;
  block.forEach((byte, i) => {
    sum += i >= 148 && i < 156 ? 0 : byte;
  });
  const found = numberIn(block.subarray(148, 156), "checksum", refuse);
  if (found !== sum) throw refuse(`its header has checksum ${found} instead of ${sum}`);
}

function textIn(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** A number in octal digits, or in base 256 behind a byte 0x80. */
function numberIn(field: Buffer, what: string, refuse: Refuse): number {
  const digits = /^ *([0-7]*) *(\0|$)/.exec(field.toString("latin1"))?.[1];
  const octal = digits === undefined ? -1 : Number(`0o0${digits}`);
  const value = field[0] === 0x80 ? Number(`0x${field.toString("hex", 1)}`) : octal;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse(`its ${what} field ${JSON.stringify(field.toString("latin1"))} is not a whole number`);
}

/** Records "<length> <key>=<value>\n", of which path and size matter here. */
function paxRecords(content: Buffer, refuse: Refuse): Extended {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const length = /^(\d{1,7}) /.exec(content.toString("latin1", at, at + 8))?.[1] ?? "0";
    const record = content.subarray(at + length.length + 1, at + Number(length));
    const equals = record.indexOf("=");
    if (equals < 1 || record.at(-1) !== 0x0a || at + Number(length) > content.length) {
      throw refuse("a record of its extended header is malformed");
    }
    records.set(record.toString("utf8", 0, equals), record.toString("utf8", equals + 1, record.length - 1));
    at += Number(length);
  }
  const [path, size] = [records.get("path"), records.get("size")];
  if (size !== undefined && !(/^\d+$/.test(size) && Number.isSafeInteger(Number(size)))) {
    throw refuse(`its size ${JSON.stringify(size)} is not a length`);
  }
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) };
}

function longName(type: string, content: Buffer): Extended {
  return type === "L" ? { path: textIn(content, 0, content.length) } : {};
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
