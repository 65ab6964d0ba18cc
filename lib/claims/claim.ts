import type { UpdateMeasure } from "../experiments/language/update-samples";
import type { MetricName } from "../experiments/results/result";

/**
 * Who says it. What stands in no source that was read is our own; "paper" is one that is not about
 * retrieval.
 */
export interface ClaimSource {
  readonly kind: "abstract" | "paper" | "readme" | "code" | "third party" | "ours";
  /** The publication, and what it prints. */
  readonly ref: string;
}

/**
 * What is measured. Of a difference, a level and a share there are three, one in each metric; mAP
 * decides and top-1 must not contradict.
 */
export type Quantity =
  /** M(a) - M(b) of two rows, in points. */
  | { readonly kind: "difference"; readonly a: string; readonly b: string }
  /** M(row), in percent. */
  | { readonly kind: "level"; readonly row: string }
  /** The share of the gap between two rows that a row closes, in percent. */
  | { readonly kind: "share"; readonly row: string; readonly from: string; readonly to: string }
  /** Queries right in row `before` and wrong in row a, minus those wrong in row b, in points. */
  | { readonly kind: "negative flips"; readonly a: string; readonly b: string; readonly before: string }
  /**
   * A measure of language models after updates, sample by sample: the sum over rows `plus` less
   * that over rows `minus`, in points.
   */
  | {
      readonly kind: "update";
      readonly measure: UpdateMeasure;
      readonly plus: readonly string[];
      readonly minus: readonly string[];
    }
  /** A measure of row a as a multiple of row b's. */
  | { readonly kind: "multiple"; readonly measure: string; readonly a: string; readonly b: string };

/** What a claim expects of a quantity: more than a value, or at most the margin away from one. */
export type Expectation =
  | { readonly kind: "above"; readonly value: number }
  | { readonly kind: "near"; readonly value: number | Readonly<Record<MetricName, number>> };

/** A quantity with what is expected of it. */
export interface Contrast {
  readonly quantity: Quantity;
  readonly expect: Expectation;
  /**
   * Rows between which there must be a gap, in mAP or the score; without it the contrast cannot be
   * tested.
   */
  readonly gate?: { readonly from: string; readonly to: string };
}

/** A claim as it was declared before the runs that test it. */
export interface Claim {
  readonly id: string;
  readonly text: string;
  readonly source: ClaimSource;
  readonly scales: readonly string[];
  readonly table: string;
  /** It holds where all of them that can be tested hold. */
  readonly contrasts: readonly Contrast[];
  /** What counts as a difference in mAP, or in a value without metrics; in top-1 twice as much. */
  readonly margin: number;
  /** Claims that are corrected for each other (Holm), at each scale apart. */
  readonly family: string;
}
