import { unexpected } from "../core/check";
import { hashOf } from "../core/hash";
import type { DatasetRecipe } from "../data/load-dataset";
import { datasetOf, type Model } from "../experiments/model/model";
import type { Table } from "../experiments/table";
import { reseeded } from "./reseeded";

/** A row of an own experiment: its name, the model of the queries, and that of the gallery. */
export type OwnRow = readonly [label: string, query: Model, gallery: Model];

/** What an own experiment has besides its rows. */
export interface OwnTableOptions {
  /** Whose test images search each other; by default the dataset of all models. */
  readonly dataset?: DatasetRecipe;
  /** The rows between which the gap lies; by default the first and the last. Null for no gap. */
  readonly gap?: { readonly from: string; readonly to: string } | null;
}

/** The scale of own experiments, and the folder of their results. */
export const ownScale: string = "own";

/**
 * Rows as a table. Seed k adds k to the seed of every recipe. Throws RangeError on a title without
 * letters or digits, on rows that are not rows, and on models of several datasets if none is named.
 */
export function ownTable(title: string, rows: readonly OwnRow[], options: OwnTableOptions = {}): Table {
  const id = slugOf(title);
  for (const row of rows) checkOwnRow(row);
  const [first, last] = [rows[0]?.[0], rows.at(-1)?.[0]];
  if (first === undefined || last === undefined) throw unexpected("rows", "at least one", "none");
  const labels = rows.map(([label]) => label);
  const { dataset = commonDataset(rows), gap = rows.length === 1 ? null : { from: first, to: last } } = options;
  for (const end of gap === null ? [] : [gap.from, gap.to]) {
    if (!labels.includes(end)) throw unexpected("end of the gap", `one of the rows ${labels.join(", ")}`, end);
  }
  return {
    id,
    title,
    notebook: "",
    scales: { [ownScale]: { seeds: 1, dataset: datasetText(dataset) } },
    gap,
    rows: (_, seed) =>
      rows.map(([label, query, gallery]) => {
        return {
          id: label,
          label,
          query: reseeded(query, seed),
          gallery: reseeded(gallery, seed),
          dataset,
          reported: [],
        };
      }),
  };
}

/**
 * The name of the files: the title's letters and digits, and a hash of the title if there is more
 * to it than words of ASCII, so that "alpha = 1" and "alpha = -1" do not share their files.
 */
function slugOf(title: string): string {
  if (!/[\p{L}\p{N}]/u.test(title)) throw unexpected("title", "a text with letters or digits", JSON.stringify(title));
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (title.toLowerCase().replace(/,? +/g, "-") === slug) return slug;
  return slug === "" ? hashOf(title).slice(0, 12) : `${slug}-${hashOf(title).slice(0, 8)}`;
}

const kinds: readonly string[] = [
  "backbone",
  "compatible",
  "aligned",
  "distilled",
  "side-information",
  "upgrade",
  "adapted",
  "chain",
];

/** For callers without types. */
function checkOwnRow(row: OwnRow): void {
  const [label, ...models]: readonly unknown[] = Array.isArray(row) ? row : [row];
  if (typeof label !== "string" || label === "")
    throw unexpected("row", "[label, query, gallery]", JSON.stringify(row));
  for (const [index, what] of (["query", "gallery"] as const).entries()) {
    const kind = (models[index] as Model | undefined)?.kind;
    if (kinds.includes(kind ?? "")) continue;
    throw unexpected(`${what} of row "${label}"`, "a model, such as backbone(recipe) gives", kind ?? models[index]);
  }
}

function commonDataset(rows: readonly OwnRow[]): DatasetRecipe {
  const all = rows.flatMap(([, query, gallery]) => [datasetOf(query), datasetOf(gallery)]);
  const different = [...new Map(all.map((dataset) => [hashOf(dataset), dataset])).values()];
  const [only, ...more] = different;
  if (only !== undefined && more.length === 0) return only;
  const found = different.map((dataset) => JSON.stringify(dataset)).join(" and ");
  throw unexpected("dataset of the rows", "one for all models; name the one to search by { dataset }", found);
}

function datasetText({ name, side }: DatasetRecipe): string {
  return `${name}, ${side} x ${side} pixels`;
}
