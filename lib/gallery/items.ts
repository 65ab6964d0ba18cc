import { notFinite, unexpected } from "../core/check";
import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import { currentModel, keepSpace, newSpace, requireModel, type SaidOf } from "./model-space";
import type { Store } from "./store";
import { bytesOf, checksumOf } from "./vectors";

/** Items to store: row i of each member belongs to the same item. */
export interface GalleryItems extends SaidOf {
  readonly ids: readonly string[];
  /** Side-information that a later update may use, if the gallery keeps it. */
  readonly side?: Matrix | undefined;
  /** What an item is, to measure searches by. */
  readonly labels?: readonly string[] | undefined;
  readonly signal?: AbortSignal;
  /** Is told how many items have been taken. */
  readonly onItems?: (done: number) => void;
}

/** What came of items: those that are new, and those that were there already, just the same. */
export interface Added {
  readonly added: number;
  readonly known: number;
}

/** Items of one transaction: what is lost by a kill is less. */
const itemsAtOnce = 1000;

/**
 * Adds items, some at a time, each time all of them or none. Items that are there with the same
 * vector are passed over, so that what was cut short can be repeated. Throws InputError on vectors
 * of another space, and on an item that is there with another vector; RangeError on values that are
 * not finite and texts that a gallery cannot hold.
 */
export async function addItems(store: Store, items: GalleryItems): Promise<Added> {
  const { vectors, ids, signal, onItems } = items;
  const model = currentModel(store);
  requireRows(store, items);
  await requireModel(store.path, model, items);
  const space = await newSpace(model, vectors);
  let added = 0;
  for (let first = 0; first < ids.length; first += itemsAtOnce) {
    signal?.throwIfAborted();
    const end = Math.min(first + itemsAtOnce, ids.length);
    added += store.atOnce(() => {
      // An update may have been finished since.
      if (currentModel(store).number !== model.number) throw overtaken(store, model.name);
      const revision = nextRevision(store);
      let count = 0;
      for (let row = first; row < end; row++) count += insert(store, items, row, { model: model.number, revision });
      // With the first items, so that vectors which are refused leave no fingerprint.
      if (space !== null) keepSpace(store, model, space);
      return count;
    });
    onItems?.(end);
  }
  return { added, known: ids.length - added };
}

/** The error of work for a model that the gallery has left behind meanwhile. */
export function overtaken(
  { path }: Pick<Store, "path">,
  model: string,
  remedy: string = "embed what is left by the new model",
): InputError {
  return new InputError({ file: path, fault: `has been brought to another model than "${model}" meanwhile`, remedy });
}

/** The number by which what changes from now on is known. */
export function nextRevision(store: Store): number {
  store.run("UPDATE gallery SET revision = revision + 1");
  return store.first<{ readonly revision: number }>("SELECT revision FROM gallery")?.revision ?? 0;
}

interface Existing {
  readonly vector: Uint8Array;
  readonly side: Uint8Array | null;
  readonly label: string | null;
  readonly model: number;
}

/** 1 if the item is new, 0 if it is there. */
function insert(
  store: Store,
  { ids, vectors, side, labels }: GalleryItems,
  row: number,
  { model, revision }: { readonly model: number; readonly revision: number },
): number {
  const id = ids[row] as string;
  const [vector, beside, label] = [
    bytesOf(vectors, row),
    side === undefined ? null : bytesOf(side, row),
    labels?.[row] ?? null,
  ];
  const found = store.first<Existing>("SELECT vector, side, label, model FROM item WHERE id = ?", id);
  if (found === undefined) {
    const sql = `INSERT INTO item (id, label, model, vector, checksum, side, side_checksum, revision)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
    const stored = [vector, checksumOf(vector), beside, checksumOf(beside)] as const;
    return store.run(sql, id, label, model, ...stored, revision);
  }
  if (found.model === model && same(found.vector, vector) && same(found.side, beside) && found.label === label)
    return 0;
  throw new InputError({
    file: store.path,
    place: `item "${id}"`,
    fault: "is there already, with another vector, side-information or label",
    remedy: "remove it first, or give the new one an id of its own",
  });
}

function same(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

function requireRows(store: Store, { ids, vectors, side, labels }: GalleryItems): void {
  if (ids.length !== vectors.rows) throw unexpected("ids", `one for each of ${vectors.rows} vectors`, ids.length);
  if (labels !== undefined && labels.length !== ids.length) {
    throw unexpected("labels", `one for each of ${ids.length} items`, labels.length);
  }
  const twice = repeated(ids);
  if (twice !== null) throw unexpected("ids", "a different one for each item", `"${twice}" twice`);
  const { side: kept = null } = store.first<{ readonly side: number | null }>("SELECT side FROM gallery") ?? {};
  const columns = side?.columns ?? null;
  if (columns !== kept) {
    const wants = kept === null ? "keeps no side-information" : `keeps side-information of ${kept} dimensions`;
    throw new InputError({ file: store.path, fault: `${wants}, the items have ${columns ?? "none"}` });
  }
  if (side === undefined) return;
  if (side.rows !== ids.length) {
    throw unexpected("rows of side-information", `one for each of ${ids.length} items`, side.rows);
  }
  const wrong = notFinite(side.data);
  if (wrong !== null) throw unexpected("side-information", "finite numbers", wrong);
}

/** The first id that has occurred before; null if there is none. */
function repeated(ids: readonly string[]): string | null {
  const met = new Set<string>();
  for (const id of ids) {
    if (met.has(id)) return id;
    met.add(id);
  }
  return null;
}

/** How many of the ids, each a different one, are in the gallery. */
export function knownOf(store: Store, ids: readonly string[]): number {
  const sql = "SELECT count(*) AS n FROM item WHERE id IN (SELECT value FROM json_each(?))";
  return store.first<{ readonly n: number }>(sql, JSON.stringify(ids))?.n ?? 0;
}

/**
 * Removes items. Throws, removing none, InputError if one is not there, RangeError if one is named
 * twice.
 */
export function removeItems(store: Store, ids: readonly string[]): void {
  const twice = repeated(ids);
  if (twice !== null) throw unexpected("ids", "a different one for each item", `"${twice}" twice`);
  store.atOnce(() => {
    for (const id of ids) {
      if (store.run("DELETE FROM item WHERE id = ?", id) === 1) continue;
      throw new InputError({ file: store.path, place: `item "${id}"`, fault: "is not in the gallery" });
    }
    nextRevision(store);
    store.run("UPDATE gallery SET removed = removed + 1");
  });
}
