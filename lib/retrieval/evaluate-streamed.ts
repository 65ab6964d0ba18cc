import { type Matrix, row } from "../core/matrix";
import { type MatrixSource, readAhead } from "../core/matrix-source";
import { type RetrievalResult, summary } from "./evaluate";
import { checkDistance, checkLabels, type Distance, distanceSpace } from "./input";
import { classMembers, matchesOf } from "./ranking/class-members";
import { setRanking, unanswered } from "./ranking/evaluation-job";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryState,
  rankingOf,
  type SearchedPart,
  searchedPart,
  sortThresholds,
} from "./ranking/rank-matches";
import { approximateRows } from "./scores/blocks";
import { holdGallery } from "./scores/exact-distances";
import { inScoreMemory, type ScoreMemory } from "./scores/memory";

/** What RetrievalInput says, of embeddings that need not fit in memory. Their values must be finite. */
export interface StreamedInput {
  readonly gallery: MatrixSource;
  readonly query: MatrixSource;
  readonly labels: ArrayLike<number>;
  readonly queryLabels: ArrayLike<number>;
  readonly excludeSelf: boolean;
  readonly distance: Distance;
  /** Bytes to hold blocks of both sides in, besides the labels. */
  readonly memory: number;
  /** Hears the share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * The result of evaluateRetrieval, to the bit, in bounded memory: the gallery is read twice for every block of queries, first
 * for the exact distances of the relevant items, then to count the others before them. Throws RangeError on input without meaning.
 */
export async function evaluateStreamed(input: StreamedInput): Promise<RetrievalResult> {
  checkInput(input);
  const { gallery, query, distance, memory, onProgress = () => {} } = input;
  const stateOf = queryStates(input);
  const perQuery = unanswered(query.rows);
  const rowsAtOnce = galleryRows(gallery.columns, memory / 2);
  for (let first = 0; first < query.rows; ) {
    const states = statesFrom(first, input, stateOf);
    const end = first + states.length;
    const rows = distanceSpace(await query.read(first, end), distance, "query");
    const block: QueryBlock = { query: rows, states };
    for await (const part of parts(gallery, rowsAtOnce, distance)) measurePart(block, part);
    sortBlock(block);
    for await (const part of parts(gallery, rowsAtOnce, distance)) {
      countPart(block, part);
      const done = first + (states.length * (part.first + part.gallery.rows)) / gallery.rows;
      onProgress(done / query.rows);
    }
    states.forEach((state, i) => {
      if (state !== null) setRanking(perQuery, first + i, rankingOf(state));
    });
    first = end;
  }
  return summary(perQuery);
}

async function* parts(
  gallery: MatrixSource,
  rowsAtOnce: number,
  distance: Distance,
): AsyncGenerator<GalleryPart, void, void> {
  for await (const { first, block } of readAhead(gallery, { rowsAtOnce })) {
    yield { first, gallery: distanceSpace(block, distance, `gallery from row ${first} on,`) };
  }
}

/** A block is held as read, as the next is read, as directions, in the search's memory, and as TensorFlow's copy; and three numbers a row. */
function galleryRows(columns: number, bytes: number): number {
  return Math.max(1, Math.floor(bytes / (5 * 4 * columns + 16)));
}

function queryStates({ labels, queryLabels, excludeSelf }: StreamedInput): (query: number) => QueryState | null {
  const members = classMembers(labels);
  return (query) => {
    const excluded = excludeSelf ? query : -1;
    return queryState(matchesOf(members, queryLabels[query] ?? Number.NaN, excluded), excluded);
  };
}

/** States of as many queries from `first` on as half the memory holds, at least one. */
function statesFrom(
  first: number,
  { query, memory }: StreamedInput,
  stateOf: (query: number) => QueryState | null,
): readonly (QueryState | null)[] {
  const states: (QueryState | null)[] = [];
  // Embeddings as read, as directions and centred; of each match an index, two distances and two counts.
  const bytesOf = (state: QueryState | null): number =>
    3 * 4 * query.columns + 1000 + 28 * (state?.matches.length ?? 0);
  let bytes = 0;
  while (first + states.length < query.rows) {
    const state = stateOf(first + states.length);
    bytes += bytesOf(state);
    if (states.length > 0 && bytes > memory / 2) break;
    states.push(state);
  }
  return states;
}

function checkInput({ gallery, query, labels, queryLabels, excludeSelf, distance, memory }: StreamedInput): void {
  checkDistance(distance);
  if (!(memory > 0)) throw new RangeError(`memory ${memory}: a number of bytes above 0 is allowed`);
  if (gallery.columns !== query.columns) {
    throw new RangeError(`query has ${query.columns} dimensions, gallery ${gallery.columns}: they must be equal`);
  }
  checkLabels("labels", labels, "gallery", gallery);
  checkLabels("queryLabels", queryLabels, "query", query);
  if (excludeSelf && gallery.rows !== query.rows) {
    throw new RangeError(`excludeSelf with ${query.rows} query rows and ${gallery.rows} gallery rows: they must agree`);
  }
}

/** Consecutive queries that search a gallery of which one part after the other is in memory, twice. */
interface QueryBlock {
  readonly query: Matrix;
  /** What is known of each query; null for one without a relevant item. */
  readonly states: readonly (QueryState | null)[];
}

/** A part of the gallery, and which row it begins with. */
interface GalleryPart {
  readonly first: number;
  readonly gallery: Matrix;
}

/** First reading: the exact distances of the relevant items that lie in this part. */
function measurePart(block: QueryBlock, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = search(memory, block, part);
    block.states.forEach((state, query) => {
      if (state !== null) measureMatches(state, row(block.query, query), searched);
    });
  });
}

/** Between the readings. */
function sortBlock({ states }: QueryBlock): void {
  for (const state of states) if (state !== null) sortThresholds(state);
}

/** Second reading: counts the other items of this part by the matches they stand before. */
function countPart(block: QueryBlock, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = search(memory, block, part);
    for (const scored of approximateRows({ gallery: part.gallery, query: block.query }, memory)) {
      const state = block.states[scored.query] ?? null;
      if (state !== null) countRow(state, scored, searched);
    }
  });
}

function search(memory: ScoreMemory, { states }: QueryBlock, { first, gallery }: GalleryPart): SearchedPart {
  const most = states.reduce((count, state) => Math.max(count, state?.matches.length ?? 0), 1);
  return searchedPart(memory, holdGallery(memory, gallery), most, first);
}
