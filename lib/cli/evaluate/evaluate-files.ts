import { InputError } from "../../core/input-error";
import type { ProgressLine } from "../../core/progress";
import { type Labels, type NumberedLabels, numberedLabels } from "../../files/label-numbers";
import { type FoundLabels, readAnyLabels } from "../../files/labels";
import { withMatrices } from "../../files/matrix-file";
import type { MatrixFile } from "../../files/stored-matrix";
import type { EmbeddingSide, EvaluateChoices, FileEvaluation } from "./evaluation";
import { needsLists, rankFiles } from "./rank-files";
import { inBlocks, inMemory, wholeSides } from "./search-files";

/**
 * Retrieval metrics of embeddings in files of any size. If the search would hold more than `memory`
 * bytes of embeddings, evaluateStreamed reads them in blocks; the result is the same to the bit.
 * Throws, naming the files, if they do not fit each other or hold values that are not finite.
 */
export async function evaluateFiles(choices: EvaluateChoices, line: ProgressLine): Promise<FileEvaluation> {
  const { excludeSelf = false, distance } = choices;
  return withMatrices([choices.gallery, choices.query], async (gallery, query) => {
    checkFit(gallery, query, excludeSelf);
    const judged = await labelsOf(choices, gallery, query);
    const { labels, queryLabels } = judged;
    const sides = { gallery: sideOf(gallery), query: sideOf(query), nameOf: judged.nameOf };
    const needed = bytesInMemory(gallery, query);
    const isPlain = labels instanceof Float64Array && queryLabels instanceof Float64Array && !needsLists(choices);
    if (!isPlain || distance === "dot") {
      requireMemory(needed, choices, gallery);
      const [whole, asked] = await wholeSides({ gallery, query }, choices, line);
      const ranked = await rankFiles({ gallery: whole.matrix, query: asked.matrix, ...judged }, choices, line);
      const findsItself = whole.digest === asked.digest && !excludeSelf;
      return { ...ranked, ...sides, queryLabels, streamed: false, findsItself };
    }
    const streamed = needed > choices.memory;
    const search = { gallery, query, labels, queryLabels };
    const { result, sameRows } = await (streamed ? inBlocks : inMemory)(search, { ...choices, distance }, line);
    return { result, ranking: null, ...sides, queryLabels, streamed, findsItself: sameRows && !excludeSelf };
  });
}

function requireMemory(needed: number, { memory }: EvaluateChoices, { name }: MatrixFile): void {
  if (needed <= memory) return;
  const mebibytes = Math.ceil(needed / 2 ** 20);
  throw new InputError({
    file: name,
    fault: `ranked lists, groups, several labels and dot products hold both sides in memory, ${mebibytes} MiB`,
    remedy: `allow them by --memory ${mebibytes}`,
  });
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

/** The labels of both sides, numbered together. */
interface JudgedLabels {
  readonly labels: NumberedLabels["sides"][number];
  readonly queryLabels: NumberedLabels["sides"][number];
  readonly nameOf: NumberedLabels["nameOf"];
}

/** The labels of both sides, counted before they are read. */
async function labelsOf(choices: EvaluateChoices, gallery: MatrixFile, query: MatrixFile): Promise<JudgedLabels> {
  const each = "one for each row is needed";
  if (choices.queryLabels === undefined) {
    const both = await readAnyLabels(choices.labels, (found) => {
      checkCount(found, gallery, each);
      checkCount(found, query, "name the queries' own by --query-labels");
    });
    const { sides, nameOf } = numberedLabels([both]);
    const [labels = new Float64Array()] = sides;
    return { labels, queryLabels: labels, nameOf };
  }
  const ofGallery = await readAnyLabels(choices.labels, (found) => checkCount(found, gallery, each));
  const ofQueries = await readAnyLabels(choices.queryLabels, (found) => checkCount(found, query, each));
  const { sides, nameOf } = numberedLabels([ofGallery, ofQueries]);
  const [labels = new Float64Array(), queryLabels = new Float64Array()] = sides;
  const known = new Set(labels instanceof Float64Array ? labels : labels.flat());
  if (!(queryLabels instanceof Float64Array ? queryLabels : queryLabels.flat()).some((label) => known.has(label))) {
    const fault = `no query has an item of its class: ${example(ofQueries)} is a label here`;
    throw new InputError({ file: choices.queryLabels, fault: `${fault}, ${example(ofGallery)} in ${choices.labels}` });
  }
  return { labels, queryLabels, nameOf };
}

/** The first label: a text in quotes, or a number. */
function example({ kind, values }: Labels): string {
  return kind === "numbers" ? String(values[0]) : JSON.stringify(values.flat()[0] ?? "");
}

function checkCount({ name, count, note }: FoundLabels, side: MatrixFile, remedy: string): void {
  if (count === side.rows) return;
  throw new InputError({ file: name, fault: `has ${count} labels${note}, ${side.name} ${side.rows} rows`, remedy });
}

/**
 * An upper bound on the bytes of embeddings that a search in memory holds: the gallery six times
 * (as read, as unit vectors, centred, and in TensorFlow's copies), the queries twice.
 */
function bytesInMemory(gallery: MatrixFile, query: MatrixFile): number {
  return 4 * gallery.columns * (6 * gallery.rows + 2 * query.rows);
}

function sideOf({ name, rows, columns }: MatrixFile): EmbeddingSide {
  return { file: name, rows, columns };
}
