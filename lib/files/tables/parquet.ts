import { openFileHandle, readFully } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { TableColumn, TableFile, TableRow } from "./table";

/** Rows that are decoded at once; those of one row group at least. */
const rowsAtOnce = 4096;
/** Bytes of the file's own description, of which damage could claim any number. */
const longestFooter = 2 ** 28;

/**
 * A Parquet file, whatever it is compressed by. Throws InputError if it is damaged. It is read by
 * hyparquet, a few thousand rows at once.
 */
export async function parquetTable(path: string): Promise<TableFile> {
  const library = await import("hyparquet");
  return within(path, async (file) => {
    const metadata = await library.parquetMetadataAsync(file);
    const { children } = library.parquetSchema(metadata);
    const columns = children.map(columnOf);
    const total = Number(metadata.num_rows);
    return {
      path,
      columns,
      count: total,
      rows: (chosen) =>
        rows(
          path,
          chosen.map((i) => columns[i]?.name ?? ""),
          total,
        ),
    };
  });
}

async function* rows(path: string, names: readonly string[], total: number): AsyncGenerator<TableRow> {
  const library = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  for (let rowStart = 0; rowStart < total; rowStart += rowsAtOnce) {
    const rowEnd = Math.min(rowStart + rowsAtOnce, total);
    const found = await within(path, (file) =>
      library.parquetReadObjects({ file, columns: [...names], rowStart, rowEnd, compressors }),
    );
    if (found.length !== rowEnd - rowStart) throw damaged(path, `${found.length} rows from ${rowStart} on`);
    for (const [i, row] of found.entries()) {
      yield { values: names.map((name) => row[name]), place: `row ${rowStart + i}` };
    }
  }
}

interface Bytes {
  readonly byteLength: number;
  readonly slice: (start: number, end?: number) => Promise<ArrayBuffer>;
}

/** Opens the file for a piece of work; what the reader throws names the file. */
async function within<T>(path: string, work: (file: Bytes) => Promise<T>): Promise<T> {
  const file = await openFileHandle(path);
  try {
    const { size } = await file.stat();
    await requireEnds(path, size, (start, count) => readFully(file, path, start, count));
    const read = async (start: number, end: number): Promise<ArrayBuffer> => {
      if (!(start >= 0 && start <= end && end <= size)) throw new Error(`bytes ${start} to ${end} of ${size}`);
      return (await readFully(file, path, start, end - start)).buffer;
    };
    const slice = (start: number, end: number = size): Promise<ArrayBuffer> => {
      const bytes = read(start, end);
      // The reader asks ahead, and never looks at what it asked for once it has refused the file.
      bytes.catch(() => {});
      return bytes;
    };
    return await work({ byteLength: size, slice });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw damaged(path, cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    await file.close();
  }
}

async function requireEnds(
  path: string,
  size: number,
  read: (start: number, count: number) => Promise<Uint8Array>,
): Promise<void> {
  const magic = "PAR1";
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
  if (size < 12 || text(await read(0, 4)) !== magic) throw damaged(path, `it does not begin with ${magic}`);
  const end = Buffer.from(await read(size - 8, 8));
  if (text(end.subarray(4)) !== magic) throw damaged(path, `it does not end with ${magic}: it is cut short`);
  const footer = end.readUInt32LE();
  if (footer > size - 12 || footer > longestFooter) throw damaged(path, `its footer is said to have ${footer} bytes`);
}

function damaged(path: string, reason: string, cause?: unknown): InputError {
  return new InputError({ file: path, fault: `is not a valid Parquet file: ${reason}`, cause });
}

/** The part of hyparquet's schema that tells what a column holds. */
interface SchemaTree {
  readonly element: {
    readonly name: string;
    readonly type?: string;
    readonly converted_type?: string;
    readonly logical_type?: { readonly type: string };
  };
  readonly children: readonly SchemaTree[];
}

const numeric: readonly string[] = ["INT32", "INT64", "FLOAT", "DOUBLE"];

function columnOf({ element, children }: SchemaTree): TableColumn {
  const leaf = leafOf(children);
  if (leaf === null) return { name: element.name, kind: valueKind(element) };
  const inner = valueKind(leaf);
  return { name: element.name, kind: inner === "number" ? "numbers" : inner === "text" ? "texts" : "other" };
}

/** What a list's only path leads to; null for a column that is no list. */
function leafOf(children: readonly SchemaTree[]): SchemaTree["element"] | null {
  const [only, ...more] = children;
  if (only === undefined || more.length > 0) return null;
  return leafOf(only.children) ?? only.element;
}

function valueKind({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaTree["element"]): TableColumn["kind"] {
  if (type === "BOOLEAN") return "truth";
  if (type === "BYTE_ARRAY") return "text";
  if (type === "FIXED_LEN_BYTE_ARRAY") return logical?.type === "FLOAT16" ? "number" : "other";
  if (type === undefined || !numeric.includes(type)) return "other";
  const isNumber = converted === undefined || /^U?INT_/.test(converted);
  return isNumber ? "number" : "other";
}
