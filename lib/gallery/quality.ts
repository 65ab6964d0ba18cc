import { unexpected } from "../core/check";
import type { Matrix } from "../core/matrix";
import { evaluateRetrieval } from "../retrieval/evaluate";
import type { Distance } from "../retrieval/input";
import { topK } from "../retrieval/top-k";
import type { GalleryView } from "./view";

/**
 * Queries of the current model by which searches are measured: with their labels, if the items have
 * some; or with the ids of the items that they are, to see if these are found.
 */
export type QualitySample =
  | { readonly vectors: Matrix; readonly labels: readonly string[] }
  | { readonly vectors: Matrix; readonly ids: readonly string[] };

/** How well the current model's queries find what they should, in [0, 1]. */
export type GalleryQuality =
  | { readonly kind: "labelled"; readonly queries: number; readonly top1: number; readonly mAP: number }
  /**
   * The share of queries whose own item is the nearest, and among the ten nearest; a query whose
   * item is not in the gallery has nothing to find, and is left out.
   */
  | { readonly kind: "self"; readonly queries: number; readonly first: number; readonly firstTen: number };

const nearest = 10;

/** Measures searches of a view. Throws RangeError if no query has anything to find. */
export function measured(view: GalleryView & { readonly distance?: Distance }, sample: QualitySample): GalleryQuality {
  return "labels" in sample ? labelled(view, sample) : selfFound(view, sample);
}

function labelled(
  { vectors: gallery, labels, distance = "l2" }: Parameters<typeof measured>[0],
  { vectors: query, labels: asked }: Extract<QualitySample, { readonly labels: readonly string[] }>,
): GalleryQuality {
  if (asked.length !== query.rows) throw unexpected("labels of the sample", `${query.rows}, one a query`, asked.length);
  const numbers = new Map<string, number>();
  const numberOf = (label: string): number => {
    const found = numbers.get(label) ?? numbers.size;
    numbers.set(label, found);
    return found;
  };
  // An item without a label is right for no query.
  const own = labels.map((label, row) => (label === null ? -1 - row : numberOf(label)));
  const input = { gallery, query, labels: own, queryLabels: asked.map(numberOf), distance };
  const { top1, mAP, skipped } = evaluateRetrieval(input);
  return { kind: "labelled", queries: query.rows - skipped, top1, mAP };
}

function selfFound(
  { vectors: gallery, ids, distance = "l2" }: Parameters<typeof measured>[0],
  { vectors: query, ids: asked }: Extract<QualitySample, { readonly ids: readonly string[] }>,
): GalleryQuality {
  if (asked.length !== query.rows) throw unexpected("ids of the sample", `${query.rows}, one a query`, asked.length);
  const known = new Set(ids);
  const queries = asked.filter((id) => known.has(id)).length;
  if (queries === 0)
    throw unexpected("ids of the sample", "at least one of an item of the gallery", asked[0] ?? "none");
  const k = Math.min(nearest, gallery.rows);
  const { items } = topK({ gallery, query, k, distance });
  let [first, firstTen] = [0, 0];
  asked.forEach((id, i) => {
    const place = items.subarray(i * k, (i + 1) * k).findIndex((row) => ids[row] === id);
    if (place === 0) first++;
    if (place >= 0) firstTen++;
  });
  return { kind: "self", queries, first: first / queries, firstTen: firstTen / queries };
}
