import { oneOf, wholeNumber } from "../core/check";
import { InputError } from "../core/input-error";
import { type Distance, distances } from "../retrieval/input";
import { topK } from "../retrieval/top-k";
import { type Backfilled, type BackfillPlan, backfillGallery, leftOf, nextItems } from "./backfill";
import { createStore } from "./create-store";
import { type Added, addItems, type GalleryItems, knownOf, removeItems } from "./items";
import {
  currentModel,
  type GalleryModel,
  modelIn,
  requireModel,
  requireNamed,
  type SaidOf,
  type StoredModel,
} from "./model-space";
import { type GalleryQuality, measured, type QualitySample } from "./quality";
import { openStore, type Store } from "./store";
import { countOf, type GalleryUpdate, giveUpUpdate, updateGallery } from "./update";
import { faultsOf } from "./verify";
import { type GalleryView, galleryViews } from "./view";

/** How a gallery begins. */
export interface GalleryStart {
  /** What the model is called whose vectors come first, and their dimensions. */
  readonly model: string;
  readonly dimensions: number;
  /** Dimensions of the side-information that is kept with each item; none by default. */
  readonly side?: number;
  readonly distance?: Distance;
}

/** What a gallery holds. */
export interface GalleryStatus {
  readonly path: string;
  readonly items: number;
  readonly distance: Distance;
  readonly side: number | null;
  readonly model: GalleryModel;
  /** Items with a vector of the current model's own, and items that stand as h mapped them. */
  readonly own: number;
  readonly mapped: number;
  /** An update under way: the new model, and how many items are mapped to it. */
  readonly update: { readonly model: string; readonly mapped: number } | null;
}

/** For every query its nearest items, nearest first. */
export interface GalleryHits {
  readonly k: number;
  /** [queries][k] */
  readonly ids: readonly (readonly string[])[];
  /** [queries x k] squared distances. */
  readonly squaredDistances: Float64Array;
}

/**
 * A durable gallery in one file: items with an id, a vector, its model, side-information and a
 * label. It is searched by one model at a time; vectors of another are refused by name and, from 50
 * on, by how they spread. Processes may share a file; a kill loses nothing that was reported.
 */
export interface Gallery {
  readonly status: () => GalleryStatus;
  readonly add: (items: GalleryItems) => Promise<Added>;
  readonly remove: (ids: readonly string[]) => void;
  /** Exact: what `topK` finds among the current model's vectors and, for the rest, those of h. */
  readonly search: (queries: SaidOf & { readonly k?: number }) => Promise<GalleryHits>;
  readonly update: (update: GalleryUpdate) => Promise<GalleryStatus>;
  readonly giveUpUpdate: () => void;
  /** How many of these ids are in the gallery. */
  readonly known: (ids: readonly string[]) => number;
  /** The items that a backfill takes next, in order. */
  readonly next: (count: number) => readonly string[];
  readonly backfill: (plan: BackfillPlan) => Promise<Backfilled>;
  readonly measure: (sample: QualitySample) => GalleryQuality;
  /** What the current model's queries search, in the order of adding. */
  readonly view: () => GalleryView;
  /** Looks at every item and at the file: a line for each fault, none if all is well. */
  readonly verify: () => readonly string[];
  readonly close: () => void;
}

/** Makes a gallery file. Throws InputError if there is one, RangeError on sizes without meaning. */
export function createGallery(path: string, { model, dimensions, side, distance = "l2" }: GalleryStart): Gallery {
  wholeNumber("dimensions", dimensions, { least: 1, most: 65_536 });
  if (side !== undefined) wholeNumber("dimensions of side-information", side, { least: 1, most: 65_536 });
  oneOf("distance", distance, distances);
  requireNamed(model);
  createStore(path, (store) => {
    store.run("INSERT INTO gallery (distance, side, revision, removed) VALUES (?, ?, 0, 0)", distance, side ?? null);
    store.run("INSERT INTO model (name, dimensions, state) VALUES (?, ?, 'current')", model, dimensions);
  });
  return openGallery(path);
}

/** Opens a gallery file. Throws InputError if it is none. */
export function openGallery(path: string): Gallery {
  const store = openStore(path);
  const { distance, side } = store.first<Kept>("SELECT distance, side FROM gallery") ?? { distance: "l2", side: null };
  const stored = galleryViews(store);
  const view = (): GalleryView & { readonly distance: Distance } => ({ ...stored(), distance });
  const status = (): GalleryStatus => store.atOneMoment(() => statusOf(store, { distance, side }));
  return {
    status,
    add: (items) => addItems(store, items),
    remove: (ids) => removeItems(store, ids),
    search: (queries) => searched(store, view, queries),
    update: async (update) => {
      await updateGallery(store, update);
      return status();
    },
    known: (ids) => knownOf(store, ids),
    giveUpUpdate: () => giveUpUpdate(store),
    next: (count) => nextItems(store, wholeNumber("items", count, { least: 1 })).map(({ id }) => id),
    backfill: (plan) => backfillGallery(store, view, plan),
    measure: (sample) => measured(view(), sample),
    view,
    verify: () => faultsOf(store),
    close: store.close,
  };
}

interface Kept {
  readonly distance: Distance;
  readonly side: number | null;
}

function statusOf(store: Store, kept: Kept): GalleryStatus {
  const items = store.first<{ readonly n: number }>("SELECT count(*) AS n FROM item")?.n ?? 0;
  const coming = modelIn(store, "coming");
  const mapped = leftOf(store);
  return {
    path: store.path,
    items,
    ...kept,
    model: publicOf(currentModel(store)),
    own: items - mapped,
    mapped,
    update: coming === undefined ? null : { model: coming.name, mapped: countOf(store, coming.number) },
  };
}

function publicOf({ name, dimensions, fingerprint }: StoredModel): GalleryModel {
  return { name, dimensions, fingerprint };
}

async function searched(
  store: Store,
  view: () => GalleryView & { readonly distance: Distance },
  { k = 10, ...queries }: SaidOf & { readonly k?: number },
): Promise<GalleryHits> {
  wholeNumber("k", k, { least: 1 });
  const model = currentModel(store);
  await requireModel(store.path, model, queries);
  const { model: number, ids, vectors: gallery, distance } = view();
  if (number !== model.number) return searched(store, view, { k, ...queries });
  if (ids.length === 0) throw new InputError({ file: store.path, fault: "holds no item", remedy: "add some first" });
  const found = topK({ gallery, query: queries.vectors, k: Math.min(k, ids.length), distance });
  const hits = Array.from({ length: queries.vectors.rows }, (_, query) =>
    Array.from(found.items.subarray(query * found.k, (query + 1) * found.k), (row) => ids[row] as string),
  );
  return { k: found.k, ids: hits, squaredDistances: found.squaredDistances };
}
