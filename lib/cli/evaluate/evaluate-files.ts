import { type Matrix, matrix } from "../../core/matrix";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { inspectMatrix, type MatrixFile, openMatrix, readLabels } from "../../files/matrix-file";
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
  const open: MatrixFile[] = [];
  const opened = async (place: string): Promise<MatrixFile> => {
    const file = await openMatrix(place);
    open.push(file);
    return file;
  };
  try {
    const gallery = await opened(choices.gallery);
    const query = choices.query === choices.gallery ? gallery : await opened(choices.query);
    const labels = await readLabels(choices.labels);
    const queryLabels = choices.queryLabels === undefined ? labels : await readLabels(choices.queryLabels);
    checkFit(choices, { gallery, query, labels, queryLabels });
    const streamed = bytesInMemory(gallery, query) > choices.memory;
    const search = { gallery, query, labels, queryLabels };
    const result = await (streamed ? inBlocks(search, choices, line) : inMemory(search, choices, line));
    return { result, gallery: sideOf(gallery), query: sideOf(query), streamed };
  } finally {
    for (const file of open) await file.close();
  }
}

interface Search {
  readonly gallery: MatrixFile;
  readonly query: MatrixFile;
  readonly labels: Float64Array;
  readonly queryLabels: Float64Array;
}

function checkFit(choices: EvaluateChoices, { gallery, query, labels, queryLabels }: Search): void {
  if (query.columns !== gallery.columns) {
    throw new RangeError(
      `${query.name} has ${query.columns} dimensions, ${gallery.name} ${gallery.columns}: they must be equal`,
    );
  }
  if (labels.length !== gallery.rows) {
    throw new RangeError(
      `${choices.labels} has ${labels.length} labels, ${gallery.name} ${gallery.rows} rows: one for each row is needed`,
    );
  }
  if (queryLabels.length !== query.rows) {
    const remedy =
      choices.queryLabels === undefined ? "name the queries' own by --query-labels" : "one for each row is needed";
    const place = choices.queryLabels ?? choices.labels;
    throw new RangeError(`${place} has ${queryLabels.length} labels, ${query.name} ${query.rows} rows: ${remedy}`);
  }
  if (choices.excludeSelf && query.rows !== gallery.rows) {
    throw new RangeError(
      `--exclude-self: ${query.name} has ${query.rows} rows, ${gallery.name} ${gallery.rows}: ` +
        "both must hold the same items in the same order",
    );
  }
}

/**
 * An upper bound on the bytes of embeddings that a search in memory holds: the gallery six times
 * (as read, as unit vectors, centred, and in TensorFlow's copies), the queries twice.
 */
function bytesInMemory(gallery: MatrixFile, query: MatrixFile): number {
  return 4 * gallery.columns * (6 * gallery.rows + 2 * query.rows);
}

async function inMemory(search: Search, choices: EvaluateChoices, line: ProgressLine): Promise<RetrievalResult> {
  const gallery = await wholeMatrix(search.gallery, choices, line);
  const query = search.query === search.gallery ? gallery : await wholeMatrix(search.query, choices, line);
  const show = rowProgress(line, { words: "queries", total: query.rows });
  const { excludeSelf = false, distance } = choices;
  const result = evaluateRetrieval({ ...search, gallery, query, excludeSelf, distance }, { onQuery: show });
  show(query.rows);
  return result;
}

async function wholeMatrix(file: MatrixFile, choices: EvaluateChoices, line: ProgressLine): Promise<Matrix> {
  const whole = matrix(file.rows, file.columns);
  await inspect(file, choices, line, (first, block) => whole.data.set(block.data, first * file.columns));
  return whole;
}

async function inBlocks(search: Search, choices: EvaluateChoices, line: ProgressLine): Promise<RetrievalResult> {
  const { gallery, query } = search;
  for (const file of new Set([gallery, query])) await inspect(file, choices, line, () => {});
  const show = rowProgress(line, { words: "queries", total: query.rows });
  const onProgress = (share: number): void => show(Math.floor(share * query.rows));
  const { excludeSelf = false, distance, memory } = choices;
  return evaluateStreamed({ ...search, excludeSelf, distance, memory, onProgress });
}

const bytesAtOnce = 8 * 2 ** 20;

/** Reads a file once, before the search, and throws if a row has no distance to others. */
async function inspect(
  file: MatrixFile,
  { distance }: EvaluateChoices,
  line: ProgressLine,
  use: (first: number, block: Matrix) => void,
): Promise<void> {
  const show = rowProgress(line, { words: `${file.name}: checking rows`, total: file.rows });
  const rowsAtOnce = Math.max(1, Math.floor(bytesAtOnce / (4 * file.columns)));
  const onBlock = (done: number, block: Matrix): void => {
    const first = done - block.rows;
    if (distance === "cosine") refuseZeroRow(file.name, first, block);
    use(first, block);
    show(done);
  };
  await inspectMatrix(file, { rowsAtOnce, onBlock });
}

function refuseZeroRow(name: string, first: number, { rows, columns, data }: Matrix): void {
  for (let i = 0; i < rows; i++) {
    if (data.subarray(i * columns, (i + 1) * columns).some((value) => value !== 0)) continue;
    throw new RangeError(`${name} row ${first + i} is all zeros: the cosine distance needs a length above 0`);
  }
}

function sideOf({ name, rows, columns }: MatrixFile): EmbeddingSide {
  return { file: name, rows, columns };
}
