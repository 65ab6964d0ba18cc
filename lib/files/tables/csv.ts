import { openFileHandle } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { TableFile, TableRow } from "./table";

/** Bounds of what is held at once. */
const longestRecord = 2 ** 26;
const mostFields = 100_000;

/** A record of fields, and the line that it begins on. */
interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/**
 * A CSV file (RFC 4180, in UTF-8; .tsv: with tabs). If a field of the first line is not a number,
 * or the line counts its columns from 0 as pandas does, it is a header; otherwise columns are
 * called "0", "1", and so on. Throws InputError, naming the line, if a record is damaged or has
 * another number of fields than the first.
 */
export async function csvTable(path: string): Promise<TableFile> {
  const [first] = await firstOf(records(path));
  if (first === undefined) throw new InputError({ file: path, fault: "is an empty file" });
  const isCount = first.fields.length > 1 && first.fields.every((field, i) => field.trim() === String(i));
  const isHeader = isCount || first.fields.some((field) => !isNumber(field) && !isList(field));
  const columns = first.fields.map(
    (field, i) => ({ name: isHeader ? field.trim() : String(i), kind: "unknown" }) as const,
  );
  const names = new Set<string>();
  const twice = columns.find(({ name }) => names.size === names.add(name).size);
  if (twice !== undefined) {
    throw new InputError({ file: path, place: `line ${first.line}`, fault: `two columns are called ${twice.name}` });
  }
  return { path, columns, isHeader, rows: (chosen) => rows(path, { chosen, isHeader, width: columns.length }) };
}

async function firstOf(found: AsyncIterable<CsvRecord>): Promise<readonly CsvRecord[]> {
  for await (const record of found) return [record];
  return [];
}

async function* rows(
  path: string,
  {
    chosen,
    isHeader,
    width,
  }: { readonly chosen: readonly number[]; readonly isHeader: boolean; readonly width: number },
): AsyncGenerator<TableRow> {
  let before = isHeader ? 1 : 0;
  for await (const { fields, line } of records(path)) {
    const place = `line ${line}`;
    if (fields.length !== width) {
      throw new InputError({ file: path, place, fault: `has ${fields.length} fields, the first record ${width}` });
    }
    if (before-- > 0) continue;
    yield { values: chosen.map((column) => fields[column]), place };
  }
}

const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const special = /^\s*[+-]?(nan|inf(inity)?)\s*$/i;

/** Whether a field is a number as programs write it, NaN and infinities included. */
export function isNumber(field: string): boolean {
  return number.test(field) || special.test(field);
}

/** Whether a field looks like a list of numbers in brackets. */
function isList(field: string): boolean {
  return /^\s*\[[^\]]*\]\s*$/.test(field);
}

/** The records of a file, one after the other, in bounded memory; empty lines are left out. */
async function* records(path: string): AsyncGenerator<CsvRecord> {
  const separator = path.endsWith(".tsv") ? "\t" : ",";
  let open: string | null = null;
  let start = 1;
  let line = 0;
  for await (const text of lines(path)) {
    line++;
    if (open === null) start = line;
    const record: string = open === null ? text : `${open}\n${text}`;
    if (record.length > longestRecord) throw tooLong(path, start);
    open = (open === null) === opensOrCloses(text) ? record : null;
    if (open !== null || record === "") continue;
    yield { fields: fieldsOf(record, separator, { file: path, line: start }), line: start };
  }
  if (open !== null) throw new InputError({ file: path, place: `line ${start}`, fault: "a quoted field does not end" });
}

/**
 * Whether the number of quotation marks is odd: a quoted field that is not open goes on behind the
 * text, and an open one ends in it. Asked of each piece alone, since a field can be long.
 */
function opensOrCloses(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count % 2 === 1;
}

function fieldsOf(
  text: string,
  separator: string,
  { file, line }: { readonly file: string; readonly line: number },
): readonly string[] {
  const place = `line ${line}`;
  const parts = text.split(separator);
  if (parts.length > mostFields) throw new InputError({ file, place, fault: `has more than ${mostFields} fields` });
  if (!text.includes('"')) return parts;
  const fields: string[] = [];
  let open: string | null = null;
  for (const part of parts) {
    const whole: string = open === null ? part : `${open}${separator}${part}`;
    open = (open === null) === opensOrCloses(part) ? whole : null;
    if (open !== null) continue;
    const field = whole.includes('"') ? unquoted(whole) : whole;
    if (field === null) {
      throw new InputError({ file, place, fault: `a quotation mark stands inside of a field: ${whole.slice(0, 40)}` });
    }
    fields.push(field);
  }
  return fields;
}

/** What stands between quotation marks, where each is written twice; null if it is not so. */
function unquoted(text: string): string | null {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return null;
  const inner = text.slice(1, -1);
  return inner.replaceAll('""', "").includes('"') ? null : inner.replaceAll('""', '"');
}

/** Lines without their ends, which are LF or CR LF. */
async function* lines(path: string): AsyncGenerator<string> {
  const file = await openFileHandle(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 2 ** 20, autoClose: false })) {
      const found: string[] = (rest + decoded(decoder, path, chunk as Buffer)).split("\n");
      rest = found.pop() ?? "";
      if (rest.length > longestRecord) throw tooLong(path, null);
      for (const text of found) yield withoutReturn(text);
    }
    rest += decoded(decoder, path);
    if (rest !== "") yield withoutReturn(rest);
  } finally {
    await file.close();
  }
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

function decoded(decoder: InstanceType<typeof TextDecoder>, path: string, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new InputError({ file: path, fault: "is not text in UTF-8", remedy: "save it as UTF-8", cause });
  }
}

function tooLong(path: string, line: number | null): InputError {
  const fault = `a record is longer than ${longestRecord} characters`;
  return new InputError({ file: path, fault, ...(line === null ? {} : { place: `line ${line}` }) });
}
