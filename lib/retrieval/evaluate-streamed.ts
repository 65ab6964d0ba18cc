import { oneOf, positive } from "../core/check";
import { classMembers, matchesOf } from "../core/class-members";
import { type MatrixSource, readAhead } from "../core/matrix-source";
import { rankInParts } from "./engine/search";
import { meansOf, type RetrievalResult } from "./evaluate";
import { checkLabels, checkShapes, type Distance, distanceSpace, distances } from "./input";
import { setMetrics, unranked } from "./metrics/query-metrics";
import type { ScaledRows } from "./metrics/scaled-rows";

/** As RetrievalInput, for embeddings that need not fit in memory. Their values must be finite. */
interface StreamedInput {
  readonly gallery: MatrixSource;
  readonly query: MatrixSource;
  readonly labels: ArrayLike<number>;
  readonly queryLabels: ArrayLike<number>;
  readonly excludeSelf: boolean;
  readonly distance: Distance;
  /** Bytes for blocks of both sides; the labels are not counted. */
  readonly memory: number;
  /** Is told the share of the work that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * The result of evaluateRetrieval, to the bit, in bounded memory. The gallery is read twice for
 * every block of queries: first for the exact distances of the relevant items, then to count the
 * others before them. Throws RangeError on input without meaning.
 */
export async function evaluateStreamed(input: StreamedInput): Promise<RetrievalResult> {
  checkInput(input);
  const { gallery, query, distance, memory, onProgress = () => {} } = input;
  const askedBy = relevantItems(input);
  const perQuery = unranked(query.rows, (bytes) => new ArrayBuffer(bytes));
  const rowsAtOnce = rowsInPart(gallery.columns, memory / 2);
  for (let first = 0; first < query.rows; ) {
    const asked = queriesFrom(first, input, askedBy);
    const end = first + asked.length;
    const metrics = await rankInParts({
      query: distanceSpace(await query.read(first, end), distance, "query"),
      asked,
      readGallery: () => galleryParts(gallery, { rowsAtOnce, distance }),
      onPart: (part) => {
        const done = first + (asked.length * (part.first + part.gallery.rows)) / gallery.rows;
        onProgress(done / query.rows);
      },
    });
    metrics.forEach((one, i) => {
      if (one !== null) setMetrics(perQuery, first + i, one);
    });
    first = end;
  }
  return meansOf(perQuery);
}

function checkInput({ gallery, query, labels, queryLabels, excludeSelf, distance, memory }: StreamedInput): void {
  oneOf("distance", distance, distances);
  positive("memory", memory);
  checkShapes({ gallery, query, excludeSelf });
  checkLabels("labels", labels, "gallery", gallery);
  checkLabels("queryLabels", queryLabels, "query", query);
}

/** How a gallery is read in parts; its first row is row `origin` of a larger one, 0 by default. */
interface PartReading {
  readonly rowsAtOnce: number;
  readonly distance: Distance;
  readonly origin?: number;
}

/** A gallery part by part, each with the row that it begins with. */
export async function* galleryParts(
  gallery: MatrixSource,
  { rowsAtOnce, distance, origin = 0 }: PartReading,
): AsyncGenerator<{ readonly first: number; readonly gallery: ScaledRows }, void, void> {
  for await (const { first, block } of readAhead(gallery, { rowsAtOnce })) {
    yield { first: origin + first, gallery: distanceSpace(block, distance, `gallery from row ${first} on,`) };
  }
}

/**
 * The rows of a gallery part. A part is held five times (as read, the next one as read, as
 * directions, in the engine's memory, as TensorFlow's copy), and each row has three numbers more.
 */
export function rowsInPart(columns: number, bytes: number): number {
  return Math.max(1, Math.floor(bytes / (5 * 4 * columns + 16)));
}

/** A query's relevant gallery rows, ascending, and a row to leave out, or -1. */
interface Asked {
  readonly matches: Int32Array;
  readonly excluded: number;
}

function relevantItems({ labels, queryLabels, excludeSelf }: StreamedInput): (query: number) => Asked {
  const members = classMembers(labels);
  return (query) => {
    const excluded = excludeSelf ? query : -1;
    return { matches: matchesOf(members, queryLabels[query] as number, excluded), excluded };
  };
}

/** The queries from `first` on that fit into half the memory, at least one. */
function queriesFrom(
  first: number,
  { query, memory }: StreamedInput,
  askedBy: (query: number) => Asked,
): readonly Asked[] {
  const asked: Asked[] = [];
  // Embeddings as read, as directions and centred; for each match an index, two distances, two
  // counts.
  const bytesOf = ({ matches }: Asked): number => 3 * 4 * query.columns + 1000 + 28 * matches.length;
  let bytes = 0;
  while (first + asked.length < query.rows) {
    const next = askedBy(first + asked.length);
    bytes += bytesOf(next);
    if (asked.length > 0 && bytes > memory / 2) break;
    asked.push(next);
  }
  return asked;
}
