import { InputError } from "../../core/input-error";

/** A file of rows and named columns that is read from beginning to end. */
export interface TableFile {
  readonly path: string;
  readonly columns: readonly TableColumn[];
  /** The number of rows; absent where only reading to the end tells it. */
  readonly count?: number;
  /** Whether the first line is taken as names; absent where a file declares its columns. */
  readonly isHeader?: boolean;
  /** The values of the columns with these numbers, row by row, and where each row stands. */
  readonly rows: (chosen: readonly number[]) => AsyncIterable<TableRow>;
}

/** A column as the file declares it. */
export interface TableColumn {
  readonly name: string;
  /** "unknown" is text that may be anything, as in CSV. */
  readonly kind: "number" | "numbers" | "text" | "texts" | "truth" | "unknown" | "other";
}

/**
 * A row's values: numbers, texts, truth values, big integers or lists of these; null if missing.
 */
export interface TableRow {
  readonly values: readonly unknown[];
  /** Such as "line 7" or "row 6". */
  readonly place: string;
}

/** What a place names: the file, and what stands after a "#", or undefined. */
export interface TablePlace {
  readonly path: string;
  readonly selector: string | undefined;
}

/**
 * The numbers of the columns that hold vectors: those that `selector` names, "name" or
 * "first:last"; or else the only column of lists, or all columns if each is a number. Throws
 * InputError, listing what there is, and if one has no name, as an index that pandas writes.
 */
export function vectorColumns(table: TableFile, selector: string | undefined): readonly number[] {
  const chosen = anyColumns(table, selector);
  const names = chosen.map((column) => table.columns[column]?.name ?? "");
  const unnamed = names.indexOf("");
  if (unnamed < 0) return chosen;
  const rest = names.filter((name) => name !== "");
  throw new InputError({
    file: table.path,
    fault: `column ${(chosen[unnamed] ?? 0) + 1} has no name: an index?`,
    remedy: `name the vector, such as ${table.path}#${[...new Set([rest[0] ?? "name", rest.at(-1) ?? "name"])].join(":")}`,
  });
}

function anyColumns({ path, columns }: TableFile, selector: string | undefined): readonly number[] {
  if (selector !== undefined) return selected({ path, columns }, selector);
  const lists = columns.flatMap(({ kind }, i) => (kind === "numbers" ? [i] : []));
  if (lists.length === 1) return lists;
  if (lists.length === 0 && columns.every(({ kind }) => kind === "number" || kind === "unknown")) {
    return columns.map((_, i) => i);
  }
  throw refusal(
    { path, columns },
    "it is not clear which columns are the vector",
    "name one, or the first and the last",
  );
}

/** The number of the column that holds labels: the one that `selector` names, or the only one. */
export function labelColumn({ path, columns }: TableFile, selector: string | undefined): number {
  const chosen = selector === undefined ? columns.map((_, i) => i) : selected({ path, columns }, selector);
  const [first, ...more] = chosen;
  if (first !== undefined && more.length === 0) return first;
  throw refusal({ path, columns }, "it is not clear which column is the labels", "name one");
}

type Columns = Pick<TableFile, "path" | "columns">;

function selected({ path, columns }: Columns, selector: string): readonly number[] {
  const at = (name: string): number => columns.findIndex((column) => column.name === name);
  const whole = at(selector);
  if (whole >= 0) return [whole];
  const [, first = "", last = ""] = /^(.*?):(.*)$/.exec(selector) ?? [];
  const [from, to] = [at(first), at(last)];
  if (from >= 0 && to >= from) return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  throw refusal({ path, columns }, `it has no column ${selector}`, "name one, or the first and the last");
}

const mostNamed = 12;

function refusal({ path, columns }: Columns, fault: string, remedy: string): InputError {
  const names = columns.slice(0, mostNamed).map(({ name }) => name);
  const more = columns.length > mostNamed ? `, ... ${columns.length} in all` : "";
  const example = `${path}#${columns.find(({ name }) => name !== "")?.name ?? "name"}`;
  return new InputError({
    file: path,
    fault,
    remedy: `${remedy} after a #, such as ${example}: ${names.join(", ")}${more}`,
  });
}
