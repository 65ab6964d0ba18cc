import type { NumberedLabels } from "../../files/label-numbers";
import type { RetrievalResult } from "../../retrieval/evaluate";
import type { Similarity } from "../../retrieval/exhaustive";
import type { Ranking } from "../../retrieval/rank";

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
  readonly distance: Similarity;
  /** The numbers of nearest items that recall, precision and nDCG are of. */
  readonly k?: readonly number[];
  /** Groups of both sides, such as cameras, as labels are named: see rankGallery. */
  readonly queryGroups?: string;
  readonly galleryGroups?: string;
  /** Files to write: the nearest items of every query, and the measures of every query. */
  readonly out?: string;
  readonly perQuery?: string;
  /** Replace them if they exist. */
  readonly force?: boolean;
  /** Bytes of embeddings in memory beyond which files are read in blocks: see bytesInMemory. */
  readonly memory: number;
}

/** A result, the files it belongs to, and whether they were read in blocks. */
export interface FileEvaluation {
  readonly result: RetrievalResult;
  /** Measures at k and ranked lists; null unless they were asked for. */
  readonly ranking: Ranking | null;
  readonly queryLabels: NumberedLabels["sides"][number];
  readonly nameOf: NumberedLabels["nameOf"];
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
