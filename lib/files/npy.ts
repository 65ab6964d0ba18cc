import { isUtf8 } from "node:buffer";
import { InputError } from "../core/input-error";
import { npyElementType } from "./element-type";
import { endsEarly, type OpenedFile, type StoredArray, sizeInBytes } from "./stored-array";

/** Whether these are the first bytes of an NPY file. */
export function isNpy(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, 6)).toString("latin1") === "\x93NUMPY";
}

// A header takes about a hundred bytes; NumPy refuses more than 10,000, too.
const longestHeader = 10_000;

/**
 * The array of an NPY file, versions 1 to 3 (numpy.lib.format), without evaluating any of it.
 * Throws if the header is malformed, if the values are not numbers, or if the file is longer or
 * shorter than its shape requires.
 */
export function npyArray(file: OpenedFile): StoredArray {
  const { fields, offset } = npyHead(file);
  const type = npyElementType(fields.descr, file.path);
  requireLength(file, offset + sizeInBytes(file.path, fields.shape, type));
  return { path: file.path, name: null, shape: fields.shape, type, columnMajor: fields.columnMajor, offset };
}

/** The type of an NPY file's values as NumPy names it, such as "<f4". Throws as npyArray. */
export function npyType(file: OpenedFile): string {
  return npyHead(file).fields.descr;
}

/** A list of texts in an NPY file, which `texts` reads. */
export interface NpyTexts {
  readonly count: number;
  readonly texts: () => readonly string[];
}

const mostCharacters = 1_000_000;

/**
 * The texts of an NPY file whose values are of type U (UTF-32) or S (bytes, taken as UTF-8); null
 * if it holds others. Throws InputError unless they are a list, and if a text is damaged.
 */
export function npyTexts(file: OpenedFile): NpyTexts | null {
  const { fields, offset } = npyHead(file);
  const [, order, letter, digits = ""] = /^([<>=|])([US])(\d{1,7})$/.exec(fields.descr) ?? [];
  const width = Number(digits) * (letter === "U" ? 4 : 1);
  const { path } = file;
  if (letter === undefined) return null;
  const [count = 0, ...more] = fields.shape;
  if (fields.shape.length !== 1 || more.length > 0 || width === 0 || width > mostCharacters) {
    throw new InputError({
      file: path,
      fault: `holds ${fields.descr} of ${fields.shape.join(" x ")}: a list of texts is allowed`,
    });
  }
  requireLength(file, offset + count * width);
  const one = (bytes: Buffer): string =>
    letter === "S" ? fromBytes(bytes, path) : fromUnits(bytes, order === ">", path);
  return {
    count,
    texts: () => {
      const bytes = Buffer.from(file.read(offset, count * width).buffer);
      return Array.from({ length: count }, (_, i) => one(bytes.subarray(i * width, (i + 1) * width)));
    },
  };
}

/** Without the zeros at the end, with which NumPy fills up. */
function fromBytes(bytes: Buffer, path: string): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  if (isUtf8(text)) return text.toString("utf8");
  throw new InputError({ file: path, fault: "holds a text that is not UTF-8" });
}

function fromUnits(bytes: Buffer, bigEndian: boolean, path: string): string {
  const points: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) points.push(bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  while (points.at(-1) === 0) points.pop();
  const wrong = points.find((point) => point > 0x10ffff || (point >= 0xd800 && point < 0xe000));
  if (wrong === undefined) return points.map((point) => String.fromCodePoint(point)).join("");
  throw new InputError({ file: path, fault: `holds a text with the character ${wrong}, which Unicode does not have` });
}

function requireLength({ path, bytes }: OpenedFile, expected: number): void {
  if (bytes < expected) throw endsEarly(path, expected, bytes);
  if (bytes === expected) return;
  const fault = `goes on after its array: ${expected} bytes are expected, ${bytes} found`;
  throw new InputError({ file: path, fault });
}

/** What an NPY file says of itself, and where its values begin. */
function npyHead({ path, read }: OpenedFile): { readonly fields: HeaderFields; readonly offset: number } {
  const [major = 0, minor = 0] = read(6, 2);
  const refuse = (fault: string): InputError => new InputError({ file: path, fault });
  if (major < 1 || major > 3 || minor !== 0)
    throw refuse(`is of NPY version ${major}.${minor}: 1.0, 2.0 and 3.0 are allowed`);
  const wide = major > 1;
  const start = wide ? 12 : 10;
  const size = Buffer.from(read(8, start - 8));
  const length = wide ? size.readUInt32LE() : size.readUInt16LE();
  if (length > longestHeader) {
    throw refuse(`has a header of ${length} bytes: at most ${longestHeader} are allowed`);
  }
  const fields = headerFields(Buffer.from(read(start, length)).toString(major === 3 ? "utf8" : "latin1"), path);
  return { fields, offset: start + length };
}

interface HeaderFields {
  readonly descr: string;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
}

/** One "name: value" of a Python dictionary. A list is the type of a table with named columns. */
const field =
  /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\d\s,L]*)\)|(\[[^{}]*\]))\s*(?:,|$)/y;

function headerFields(text: string, path: string): HeaderFields {
  const unclear = (what: string): never => {
    const shown = JSON.stringify(text.trim().slice(0, 120));
    throw new InputError({ file: path, fault: `has a header that cannot be read, ${what}: ${shown}` });
  };
  // Other spaces are none to Python.
  if (!/^[\t\n\f\r\x20-\x7e]*$/.test(text)) unclear("with a character that is not of ASCII");
  const body = /^\s*\{([^{}]*)\}\s*$/.exec(text)?.[1]?.trim() ?? unclear("not a dictionary");
  const values = new Map<string, string>();
  field.lastIndex = 0;
  for (let at = 0; at < body.length; at = field.lastIndex) {
    field.lastIndex = at;
    const [, single, double, ...forms] = field.exec(body) ?? unclear(`at ${JSON.stringify(body.slice(at, at + 20))}`);
    const name = single ?? double ?? "";
    if (values.has(name)) unclear(`${name} occurs twice`);
    values.set(name, forms.find((form) => form !== undefined) ?? "");
  }
  const value = (name: string): string => values.get(name) ?? unclear(`without ${name}`);
  const descr = value("descr");
  if (descr.startsWith("[")) {
    throw new InputError({
      file: path,
      fault: "holds a table with named columns",
      remedy: "save one array of numbers",
    });
  }
  const order = value("fortran_order");
  if (order !== "True" && order !== "False") unclear("fortran_order is neither True nor False");
  const lengths = value("shape")
    .split(",")
    .map((length) => length.trim().replace(/L$/, ""));
  const shape = lengths.filter((length, i) => length !== "" || i < lengths.length - 1);
  // To Python, brackets around one number are a list of it only with a comma behind it.
  const isList = lengths.length > 1 || shape.length === 0;
  if (!isList || !shape.every((length) => /^(0|[1-9]\d*)$/.test(length))) {
    unclear("its shape is not a list of whole numbers");
  }
  return { descr, columnMajor: order === "True", shape: shape.map(Number) };
}

/** The bytes before the values of an NPY file that holds a row-major matrix of 32-bit floats. */
export function npyHeader(rows: number, columns: number): Uint8Array {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const before = 10;
  // The values begin at a multiple of 64 bytes, so that the file can be mapped into memory. The
  // header ends with a line feed.
  const length = Math.ceil((before + fields.length + 1) / 64) * 64 - before;
  const header = Buffer.alloc(before + length, " ");
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(length, 8);
  header.write(fields, before, "latin1");
  header.write("\n", before + length - 1, "latin1");
  return header;
}
