import { InputError } from "../core/input-error";
import { decodeIntegers, isFloat, numbered } from "./element-type";
import { findArray, type Wanted } from "./find-array";
import { classNumbers, joinedLabels, type Labels } from "./label-numbers";
import { isNpy, npyTexts } from "./npy";
import { packedArray, type Unpacked, unpackedNpz } from "./npz";
import { shardsAt } from "./shards";
import { lookInto, nameOf, type OpenedFile, type StoredArray, sizeInBytes } from "./stored-array";
import { labelColumn, type TableFile, type TableRow } from "./tables/table";
import { tableAt } from "./tables/table-at";

/** Labels that were found in a file but not read yet: how messages name them, and their number. */
export interface FoundLabels {
  readonly name: string;
  readonly count: number;
  /** How a CSV file's first line was taken, for messages about the count; otherwise empty. */
  readonly note: string;
}

/**
 * The labels that `place` names, as readMatrix: whole numbers of up to 64 bits, truth values or
 * texts, one for each item; or several, as a row of 0 and 1 for each item, as lists (Parquet), or
 * divided by ";" (CSV); of several files, listed or as openMatrix takes them. `accept` is told of
 * them before they are used, of arrays before they are read, and may throw. Throws InputError if
 * there are none.
 */
export async function readAnyLabels(
  place: string | readonly string[],
  accept: (found: FoundLabels) => void = () => {},
): Promise<Labels> {
  if (typeof place !== "string") return shardLabels(place, accept);
  const shards = shardsAt(place);
  if (shards !== null) return shardLabels(shards, (found) => accept({ ...found, name: place }));
  const table = await tableAt(place);
  if (table !== null) return tableLabels(table, table.selector, accept);
  const unpacked = await unpackedNpz(place);
  if (unpacked !== null) return packedLabels(unpacked, accept);
  const texts = textsAt(place, accept);
  if (texts !== null) return texts;
  const array = findArray(place, wanted);
  return lookInto(array.path, (file) => arrayLabels(array, file, accept));
}

async function shardLabels(shards: readonly string[], accept: (labels: FoundLabels) => void): Promise<Labels> {
  const parts: Labels[] = [];
  for (const shard of shards) parts.push(await readAnyLabels(shard));
  const labels = joinedLabels(parts);
  accept({ name: shards[0] ?? "", count: labels.values.length, note: "" });
  return labels;
}

const wanted: Wanted = {
  fits: ({ shape, type }) => shape.length === 1 && !isFloat(type),
  mayFit: ({ shape, type }) => (shape.length === 1 || shape.length === 2) && !isFloat(type),
  description: "1-d array of whole numbers",
  remedy: ({ type }) => (isFloat(type) ? "save labels.astype(np.int64).ravel()" : "save labels.ravel()"),
};

function found(name: string, count: number, accept: (labels: FoundLabels) => void, note = ""): void {
  if (count === 0) throw new InputError({ file: name, fault: "is empty: one label for each row is needed" });
  accept({ name, count, note });
}

function packedLabels(unpacked: Unpacked, accept: (labels: FoundLabels) => void): Labels {
  const named = unpacked.files.get(unpacked.name ?? "");
  const texts = named === undefined ? null : textsIn(named, accept);
  if (texts !== null) return texts;
  const { array, file } = packedArray(unpacked, wanted);
  return arrayLabels(array, file, accept);
}

function textsAt(place: string, accept: (labels: FoundLabels) => void): Labels | null {
  if (place.includes(".safetensors")) return null;
  return lookInto(place, (file) => (isNpy(file.read(0, Math.min(file.bytes, 9))) ? textsIn(file, accept) : null));
}

/** The texts of an NPY file; null if it holds others. */
function textsIn(file: OpenedFile, accept: (labels: FoundLabels) => void): Labels | null {
  const listed = npyTexts(file);
  if (listed === null) return null;
  found(file.path, listed.count, accept);
  const values = listed.texts();
  const none = values.indexOf("");
  if (none >= 0) throw new InputError({ file: file.path, place: `label ${none}`, fault: "is an empty text" });
  return { kind: "texts", values };
}

function arrayLabels(array: StoredArray, file: OpenedFile, accept: (labels: FoundLabels) => void): Labels {
  const name = nameOf(array);
  const [count = 0, width] = array.shape;
  found(name, count, accept);
  const bytes = file.read(array.offset, sizeInBytes(array.path, array.shape, array.type));
  const values = decodeIntegers(bytes, array.type);
  if (width !== undefined) return rowsOfTruth(values, { array, name, count, width });
  if (values.every((label) => Number.isSafeInteger(label))) return { kind: "numbers", values };
  // Numbers of 64 bits, in the byte order of the machine by now.
  const Whole = array.type.kind === "integer" ? BigInt64Array : BigUint64Array;
  return { kind: "texts", values: Array.from(new Whole(bytes.buffer), String) };
}

interface TruthRows {
  readonly array: StoredArray;
  readonly name: string;
  readonly count: number;
  readonly width: number;
}

/** A row of 0 and 1 for each item: its labels are the columns that hold 1. */
function rowsOfTruth(values: Float64Array, { array, name, count, width }: TruthRows): Labels {
  const wrong = values.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0 || width < 2) {
    const remedy = width < 2 ? "save labels.ravel()" : "save the class of each row, or rows of 0 and 1";
    const holds = width < 2 ? `${count} x ${width} labels` : `rows of labels, ${values[wrong]} among them`;
    throw new InputError({ file: name, fault: `holds ${holds}: one number for each item is allowed`, remedy });
  }
  const at = (row: number, column: number): number => (array.columnMajor ? column * count + row : row * width + column);
  const columns = Array.from({ length: width }, (_, column) => column);
  const sets = Array.from({ length: count }, (_, row) =>
    columns.filter((column) => values[at(row, column)] === 1).map(String),
  );
  return { kind: "sets", values: sets };
}

async function tableLabels(
  table: TableFile,
  selector: string | undefined,
  accept: (labels: FoundLabels) => void,
): Promise<Labels> {
  const name = selector === undefined ? table.path : `${table.path}#${selector}`;
  const column = labelColumn(table, selector);
  const sets: (readonly string[])[] = [];
  const { isHeader } = table;
  // Where a file declares its columns, several labels are a list, and a text is one label.
  const divides = isHeader !== undefined;
  for await (const row of table.rows([column])) sets.push(labelsIn(row, name, divides));
  const note = isHeader === undefined ? "" : ` (its first line is taken as a ${isHeader ? "header" : "label"})`;
  found(name, sets.length, accept, note);
  if (sets.some((labels) => labels.length !== 1)) return { kind: "sets", values: sets };
  const texts = sets.map(([label]) => label as string);
  // Whole numbers that pandas has turned into floats end in ".0".
  const whole = /^(0|-?[1-9]\d{0,15})(\.0+)?$/;
  const isWhole = texts.every((text) => whole.test(text) && Number.isSafeInteger(Number(text)));
  return isWhole ? { kind: "numbers", values: Float64Array.from(texts, Number) } : { kind: "texts", values: texts };
}

function labelsIn({ values: [value], place }: TableRow, file: string, divides: boolean): readonly string[] {
  const isDivided = divides && typeof value === "string";
  const parts: readonly unknown[] = Array.isArray(value) ? value : isDivided ? value.split(";") : [value];
  return [...new Set(parts.map((part) => labelText(part, file, place)))];
}

function labelText(value: unknown, file: string, place: string): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  if (typeof value === "bigint" || typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  const shown = value === null || value === undefined || value === "" ? "no label" : `${String(value)} as a label`;
  throw new InputError({ file, place, fault: `holds ${shown}: whole numbers and texts are allowed`, remedy: numbered });
}

/** The class of each item, as a number: readAnyLabels where one label an item is needed. */
export async function readLabels(
  place: string,
  accept: (found: FoundLabels) => void = () => {},
): Promise<Float64Array> {
  const [numbers] = classNumbers([await readAnyLabels(place, accept)], place);
  return numbers ?? new Float64Array();
}
