import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { inspectMatrix } from "../../files/matrix-file";
import type { MatrixFile } from "../../files/stored-matrix";
import { evaluateRetrieval, type RetrievalResult } from "../../retrieval/evaluate";
import { evaluateStreamed } from "../../retrieval/evaluate-streamed";
import type { Distance } from "../../retrieval/input";
import type { EvaluateChoices } from "./evaluation";

/** Files that search each other, and the class of each row. */
export interface FileSearch {
  readonly gallery: MatrixFile;
  readonly query: MatrixFile;
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
}

/** The choices of an evaluation that may read its files in blocks. */
export type BlockChoices = EvaluateChoices & { readonly distance: Distance };

/** A result, and whether both sides held the same rows. */
export interface Searched {
  readonly result: RetrievalResult;
  readonly sameRows: boolean;
}

/** Both sides whole, the gallery first; one file is read once. */
export async function wholeSides(
  { gallery, query }: Pick<FileSearch, "gallery" | "query">,
  choices: EvaluateChoices,
  line: ProgressLine,
): Promise<readonly [WholeMatrix, WholeMatrix]> {
  const whole = await wholeMatrix(gallery, choices, line);
  return [whole, query === gallery ? whole : await wholeMatrix(query, choices, line)];
}

/** A search of both sides in memory. */
export async function inMemory(search: FileSearch, choices: BlockChoices, line: ProgressLine): Promise<Searched> {
  const [{ matrix: gallery, digest }, { matrix: query, digest: queryDigest }] = await wholeSides(search, choices, line);
  const show = rowProgress(line, { words: "queries", total: query.rows });
  const { excludeSelf = false, distance } = choices;
  const result = evaluateRetrieval({ ...search, gallery, query, excludeSelf, distance }, { onQuery: show });
  show(query.rows);
  return { result, sameRows: queryDigest === digest };
}

export interface WholeMatrix {
  readonly matrix: Matrix;
  readonly digest: string;
}

/** A file whole, with the SHA-256 of its values. */
export async function wholeMatrix(
  file: MatrixFile,
  choices: EvaluateChoices,
  line: ProgressLine,
): Promise<WholeMatrix> {
  const whole = matrix(file.rows, file.columns);
  const digest = await inspect(file, choices, line, (first, block) => whole.data.set(block.data, first * file.columns));
  return { matrix: whole, digest };
}

/** A search that reads both sides in blocks. */
export async function inBlocks(search: FileSearch, choices: BlockChoices, line: ProgressLine): Promise<Searched> {
  const { gallery, query } = search;
  const digest = await inspect(gallery, choices, line, () => {});
  const sameRows = query === gallery || (await inspect(query, choices, line, () => {})) === digest;
  const show = rowProgress(line, { words: "queries", total: query.rows });
  const onProgress = (share: number): void => show(Math.floor(share * query.rows));
  const { excludeSelf = false, distance, memory } = choices;
  return { result: await evaluateStreamed({ ...search, excludeSelf, distance, memory, onProgress }), sameRows };
}

const bytesAtOnce = 8 * 2 ** 20;

/**
 * Reads a file once, before the search, and returns the SHA-256 of its values. Throws InputError if
 * a row has no distance to others.
 */
export async function inspect(
  file: MatrixFile,
  { distance }: EvaluateChoices,
  line: ProgressLine,
  use: (first: number, block: Matrix) => void,
): Promise<string> {
  const show = rowProgress(line, { words: `${file.name}: checking rows`, total: file.rows });
  const rowsAtOnce = Math.max(1, Math.floor(bytesAtOnce / (4 * file.columns)));
  const onBlock = (done: number, block: Matrix): void => {
    const first = done - block.rows;
    if (distance === "cosine") refuseZeroRow(file.name, first, block);
    use(first, block);
    show(done);
  };
  return inspectMatrix(file, { rowsAtOnce, onBlock });
}

function refuseZeroRow(name: string, first: number, { rows, columns, data }: Matrix): void {
  for (let i = 0; i < rows; i++) {
    if (data.subarray(i * columns, (i + 1) * columns).some((value) => value !== 0)) continue;
    const fault = "is all zeros: the cosine distance needs a length above 0";
    throw new InputError({ file: name, place: `row ${first + i}`, fault });
  }
}
