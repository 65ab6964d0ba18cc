import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { type FoundLabels, inspectMatrix, type MatrixFile, readLabels, withMatrices } from "../../files/matrix-file";
import { evaluateRetrieval, type RetrievalResult } from "../../retrieval/evaluate";
import { evaluateStreamed } from "../../retrieval/evaluate-streamed";
import type { Distance } from "../../retrieval/input";

/**
 * The files of an evaluation, named as findArray takes them. Without `queryLabels`, `labels` are
 * the classes of both sides.
 */
export interface EvaluateChoices {
  readonly query: string;
  readonly gallery: string;
  readonly labels: string;
  readonly queryLabels?: string;
  readonly excludeSelf?: boolean;
  readonly distance: Distance;
  /** Bytes of embeddings in memory beyond which files are read in blocks: see bytesInMemory. */
  readonly memory: number;
}

/** A result, the files it belongs to, and whether they were read in blocks. */
export interface FileEvaluation {
  readonly result: RetrievalResult;
  readonly gallery: EmbeddingSide;
  readonly query: EmbeddingSide;
  readonly streamed: boolean;
  /** Whether both sides hold the same rows, and no row is left out of its own search. */
  readonly findsItself: boolean;
}

/** A file of embeddings. */
export interface EmbeddingSide {
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Retrieval metrics of embeddings in files of any size. If the search would hold more than `memory`
 * bytes of embeddings, evaluateStreamed reads them in blocks; the result is the same to the bit.
 * Throws, naming the files, if they do not fit each other or hold values that are not finite.
 */
export async function evaluateFiles(choices: EvaluateChoices, line: ProgressLine): Promise<FileEvaluation> {
  const { excludeSelf = false } = choices;
  return withMatrices([choices.gallery, choices.query], async (gallery, query) => {
    checkFit(gallery, query, excludeSelf);
    const { labels, queryLabels } = await labelsOf(choices, gallery, query);
    const streamed = bytesInMemory(gallery, query) > choices.memory;
    const search = { gallery, query, labels, queryLabels };
    const { result, sameRows } = await (streamed ? inBlocks : inMemory)(search, choices, line);
    return { result, gallery: sideOf(gallery), query: sideOf(query), streamed, findsItself: sameRows && !excludeSelf };
  });
}

interface Search {
  readonly gallery: MatrixFile;
  readonly query: MatrixFile;
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
}

/** Throws InputError unless the queries can search the gallery. */
function checkFit(gallery: MatrixFile, query: MatrixFile, excludeSelf: boolean): void {
  if (query.columns !== gallery.columns) {
    const fault = `has ${query.columns} dimensions, ${gallery.name} ${gallery.columns}: they must be equal`;
    throw new InputError({ file: query.name, fault });
  }
  if (excludeSelf && query.rows !== gallery.rows) {
    throw new InputError({
      file: query.name,
      fault: `has ${query.rows} rows, ${gallery.name} ${gallery.rows}`,
      remedy: "with --exclude-self both must hold the same items in the same order",
    });
  }
}

/** The labels of both sides, counted before they are read. */
async function labelsOf(
  choices: EvaluateChoices,
  gallery: MatrixFile,
  query: MatrixFile,
): Promise<Pick<Search, "labels" | "queryLabels">> {
  const each = "one for each row is needed";
  if (choices.queryLabels === undefined) {
    const labels = await readLabels(choices.labels, (found) => {
      checkCount(found, gallery, each);
      checkCount(found, query, "name the queries' own by --query-labels");
    });
    return { labels, queryLabels: labels };
  }
  return {
    labels: await readLabels(choices.labels, (found) => checkCount(found, gallery, each)),
    queryLabels: await readLabels(choices.queryLabels, (found) => checkCount(found, query, each)),
  };
}

function checkCount({ name, count }: FoundLabels, side: MatrixFile, remedy: string): void {
  if (count === side.rows) return;
  throw new InputError({ file: name, fault: `has ${count} labels, ${side.name} ${side.rows} rows`, remedy });
}

/**
 * An upper bound on the bytes of embeddings that a search in memory holds: the gallery six times
 * (as read, as unit vectors, centred, and in TensorFlow's copies), the queries twice.
 */
function bytesInMemory(gallery: MatrixFile, query: MatrixFile): number {
  return 4 * gallery.columns * (6 * gallery.rows + 2 * query.rows);
}

/** A result, and whether both sides held the same rows. */
interface Searched {
  readonly result: RetrievalResult;
  readonly sameRows: boolean;
}

async function inMemory(search: Search, choices: EvaluateChoices, line: ProgressLine): Promise<Searched> {
  const { matrix: gallery, digest } = await wholeMatrix(search.gallery, choices, line);
  const same = search.query === search.gallery;
  const { matrix: query, digest: queryDigest } = same
    ? { matrix: gallery, digest }
    : await wholeMatrix(search.query, choices, line);
  const show = rowProgress(line, { words: "queries", total: query.rows });
  const { excludeSelf = false, distance } = choices;
  const result = evaluateRetrieval({ ...search, gallery, query, excludeSelf, distance }, { onQuery: show });
  show(query.rows);
  return { result, sameRows: queryDigest === digest };
}

interface WholeMatrix {
  readonly matrix: Matrix;
  readonly digest: string;
}

async function wholeMatrix(file: MatrixFile, choices: EvaluateChoices, line: ProgressLine): Promise<WholeMatrix> {
  const whole = matrix(file.rows, file.columns);
  const digest = await inspect(file, choices, line, (first, block) => whole.data.set(block.data, first * file.columns));
  return { matrix: whole, digest };
}

async function inBlocks(search: Search, choices: EvaluateChoices, line: ProgressLine): Promise<Searched> {
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
async function inspect(
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

function sideOf({ name, rows, columns }: MatrixFile): EmbeddingSide {
  return { file: name, rows, columns };
}
