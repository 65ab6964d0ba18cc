import { openFileHandle, readFully } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { TableColumn, TableFile, TableRow } from "./table";

/** Rows that are decoded at once, at least in a column of lists. */
const rowsAtOnce = 4096;
/** Without columns of geography: looking for them, hyparquet does not end in some damaged files. */
const plain = { geoparquet: false } as const;
/** Bytes of the file's own description, of which damage could claim any number. */
const longestFooter = 2 ** 28;

/**
 * A Parquet file, whatever it is compressed by. Throws InputError if it is damaged. It is read by
 * hyparquet, a few thousand rows at once, and a column of lists by whole row groups: where a list
 * begins, only what stands before it tells.
 */
export async function parquetTable(path: string): Promise<TableFile> {
  const library = await import("hyparquet");
  return within(path, async (file) => {
    const metadata = await library.parquetMetadataAsync(file, plain);
    const { children } = library.parquetSchema(metadata);
    const columns = children.map(columnOf);
    const total = Number(metadata.num_rows);
    return {
      path,
      columns,
      count: total,
      rows: (chosen) => {
        const names = chosen.map((i) => columns[i]?.name ?? "");
        const isList = chosen.length === 1 && chosen.some((i) => children[i]?.children.length !== 0);
        return rows(path, { names, total, groups: isList ? groupEnds(metadata.row_groups) : null });
      },
    };
  });
}

/** The first row behind each row group. */
function groupEnds(groups: readonly { readonly num_rows: bigint }[]): readonly number[] {
  let end = 0;
  return groups.map((group) => {
    end += Number(group.num_rows);
    return end;
  });
}

/** Which columns are read; `groups` is null unless it is a single one of lists. */
interface Reading {
  readonly names: readonly string[];
  readonly total: number;
  readonly groups: readonly number[] | null;
}

async function* rows(path: string, { names, total, groups }: Reading): AsyncGenerator<TableRow> {
  for (let first = 0; first < total; ) {
    const least = first + rowsAtOnce;
    const end = Math.min(groups === null ? least : (groups.find((each) => each >= least) ?? total), total);
    const found = await within(path, (file) => (groups === null ? valuesIn : listsIn)(file, { names, first, end }));
    if (found.length !== end - first) throw damaged(path, `${found.length} rows from ${first} on`);
    for (const [i, values] of found.entries()) yield { values, place: `row ${first + i}` };
    first = end;
  }
}

/** Columns of some rows. */
interface Part {
  readonly names: readonly string[];
  readonly first: number;
  readonly end: number;
}

async function valuesIn(file: Bytes, { names, first, end }: Part): Promise<readonly (readonly unknown[])[]> {
  const { parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const options = { ...plain, file, columns: [...names], rowStart: first, rowEnd: end, compressors };
  return (await parquetReadObjects(options)).map((row) => names.map((name) => row[name]));
}

/** The same of a column of lists. Its length is that of what is there, whatever the file says. */
async function listsIn(file: Bytes, { names, first, end }: Part): Promise<readonly (readonly unknown[])[]> {
  const { parquetRead } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const chunks: { readonly rowStart: number; readonly columnData: ArrayLike<unknown> }[] = [];
  const onChunk = (chunk: (typeof chunks)[number]): void => void chunks.push(chunk);
  await parquetRead({ ...plain, file, columns: [...names], rowStart: first, rowEnd: end, compressors, onChunk });
  // They come as they are decoded.
  const inOrder = chunks.sort((a, b) => a.rowStart - b.rowStart);
  return inOrder.flatMap(({ columnData }) => Array.from(columnData, (value) => [value]));
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
