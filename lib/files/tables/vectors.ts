import { rmSync } from "node:fs";
import { mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFully } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { matrix } from "../../core/matrix";
import type { MatrixSource } from "../../core/matrix-source";
import { isNumber } from "./csv";
import { type TableFile, type TableRow, vectorColumns } from "./table";

/** A matrix that was made of a table, in a file without a name. */
export interface TableMatrix extends MatrixSource {
  readonly close: () => Promise<void>;
}

const bytesAtOnce = 2 ** 22;

/**
 * The vectors of a table, as 32-bit floats. They go to a file in the temporary folder that has lost
 * its name at once, so that rows can be read in any order, in constant memory, and nothing stays
 * behind. Throws InputError, naming the row, if its values are not numbers or not as many as
 * before.
 */
export async function tableMatrix(table: TableFile, selector: string | undefined): Promise<TableMatrix> {
  const chosen = vectorColumns(table, selector);
  const name = selector === undefined ? table.path : `${table.path}#${selector}`;
  const file = await withoutName();
  try {
    let [rows, columns, filled, written] = [0, 0, 0, 0];
    let block = new Float32Array();
    const flush = async (): Promise<void> => {
      const { bytesWritten } = await file.write(new Uint8Array(block.buffer, 0, 4 * filled), 0, 4 * filled, written);
      if (bytesWritten !== 4 * filled) throw new Error(`${tmpdir()} is full: name another folder in TMPDIR`);
      written += bytesWritten;
      filled = 0;
    };
    for await (const row of table.rows(chosen)) {
      const values = vectorOf(row, name);
      if (rows === 0) {
        columns = values.length;
        block = new Float32Array(Math.max(1, Math.floor(bytesAtOnce / (4 * columns))) * columns);
      }
      if (values.length !== columns || columns === 0) throw otherLength(name, row.place, values.length, columns);
      block.set(values, filled);
      filled += columns;
      rows++;
      if (filled === block.length) await flush();
    }
    if (rows === 0) throw new InputError({ file: name, fault: "holds no rows: 1 x 1 is the least" });
    await flush();
    return {
      name,
      rows,
      columns,
      read: async (first, end) => {
        const { buffer } = await readFully(file, name, 4 * first * columns, 4 * (end - first) * columns);
        return matrix(end - first, columns, new Float32Array(buffer));
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The process alone has it, and it is gone with the process. */
async function withoutName(): ReturnType<typeof open> {
  const folder = await mkdtemp(join(tmpdir(), "fct-table-"));
  try {
    return await open(join(folder, "vectors"), "wx+");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function otherLength(file: string, place: string, found: number, expected: number): InputError {
  return new InputError({ file, place, fault: `has ${found} values, the first row ${expected}` });
}

function vectorOf({ values, place }: TableRow, file: string): readonly number[] {
  const [only] = values;
  const isAlone = values.length === 1;
  const parts: readonly unknown[] = isAlone && Array.isArray(only) ? only : isAlone ? listIn(only) : values;
  return parts.map((value) => numberOf(value, file, place));
}

/** A list of numbers in brackets is what pandas writes for an array in a cell. */
function listIn(value: unknown): readonly unknown[] {
  const inner = typeof value === "string" ? /^\s*\[([^\]]*)\]\s*$/.exec(value)?.[1] : undefined;
  if (inner === undefined) return [value];
  return inner.trim() === "" ? [] : inner.trim().split(inner.includes(",") ? "," : /\s+/);
}

function numberOf(value: unknown, file: string, place: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && isNumber(value)) return Number(value.replace(/inf(inity)?/i, "Infinity"));
  const shown = value === null || value === undefined || value === "" ? "nothing" : String(value).slice(0, 40);
  throw new InputError({ file, place, fault: `holds ${shown} where a number is expected` });
}
