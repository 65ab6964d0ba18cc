import { isPlainObject } from "../core/hash";
import type { FolderRecipe } from "../data/readers/own-images";
import type { Precision } from "../tf/graph/precision";
import type { Cell, Measure, Reported } from "./results/result";
import type { Evaluation } from "./steps/evaluation";
import type { Measurement } from "./steps/measurement";

/** The rows between which a gap is measured, by id: M(old/old) and M(new/new). */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

/** A row as declared: which model searches which gallery, and what publications report for it. */
export interface Row extends Evaluation {
  /** The row's name in result files, unique in its table and the same for every seed. */
  readonly id: string;
  readonly label: string;
  readonly reported: readonly Reported[];
  /** The update that the row belongs to, in a table of several. */
  readonly group?: string;
  /** The ends of the row's own gap, if it differs from the table's. */
  readonly gap?: Gap;
  readonly measurements?: readonly Measurement[];
  readonly cell?: Cell;
}

/** A scale that a table runs at. */
export interface TableScale {
  /** How many seeds a run has unless told otherwise: a count n stands for the seeds 0 to n - 1. */
  readonly seeds: number;
  /** How the dataset is described to readers. */
  readonly dataset: string;
}

/** A table of the paper, declared as data. */
export interface Table {
  readonly id: string;
  /** The id of the declared table that this one is another form of; absent if it is declared. */
  readonly formOf?: string;
  readonly title: string;
  /** Its notebook: the name of a file in notebooks/ without the extension. */
  readonly notebook: string;
  readonly scales: Readonly<Record<string, TableScale>>;
  /**
   * The rows at a scale for one seed. The seed acts only through the recipes of the rows' models,
   * each of which contains it, and through the random backfill order (see `recipesAt`).
   */
  readonly rows: (scale: string, seed: number) => readonly Row[];
  /** The same rows on a user's own images; absent if the rows are tied to their datasets. */
  readonly onImages?: (images: FolderRecipe, at: { readonly scale: string; readonly seed: number }) => readonly Row[];
  /** The ends of the gap for rows that name none; null if the table has no gap to close. */
  readonly gap: Gap | null;
  /** Columns beside the metrics, filled by the rows' measurements. */
  readonly measures?: readonly Measure[];
  /** What a reader must know of the rows. */
  readonly notes?: readonly string[];
}

/**
 * The table whose models are all trained, and embed, at a precision; adapters are learned, and map,
 * in float32. At bfloat16 its id and its title say so, and with them its results and their files.
 */
export function atPrecision(table: Table, precision: Precision): Table {
  if (precision === "float32") return table;
  return {
    ...table,
    id: `${table.id}-${precision}`,
    formOf: table.formOf ?? table.id,
    title: `${table.title}, computed in ${precision}`,
    rows: (scale, seed) => table.rows(scale, seed).map((row) => withPrecision(row, precision)),
  };
}

/** Plain data with the precision in every recipe, wherever a model stands. */
function withPrecision<T>(value: T, precision: Precision): T {
  if (Array.isArray(value)) return value.map((item) => withPrecision(item, precision)) as T;
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const isRecipe = name === "recipe" && isPlainObject(member);
    return [name, isRecipe ? { ...member, precision } : withPrecision(member, precision)] as const;
  });
  return Object.fromEntries(members) as T;
}
