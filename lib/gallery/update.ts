import { type Adapter, openAdapter } from "../adapters/open-adapter";
import type { MappedRows } from "../adapters/open-transformation";
import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import { random } from "../core/random";
import { nextRevision } from "./items";
import { currentModel, modelIn, type StoredModel } from "./model-space";
import { registered, sideTaken } from "./register";
import type { Store } from "./store";
import { bytesOf, checksumOf, matrixOf, requireIntact } from "./vectors";

/** The h that brings a gallery to a new model. */
export interface GalleryUpdate {
  /** The file of h's weights, with its card if it has one. */
  readonly weights: string;
  /** What the new model is called. */
  readonly model: string;
  /** Map vectors that do not look like those that h was learned from. */
  readonly anySpace?: boolean;
  readonly signal?: AbortSignal;
  /** Is told how many items are mapped, and how many there are. */
  readonly onItems?: (done: number, total: number) => void;
}

/** The batch of `mapAll`. */
const rowsAtOnce = 4096;

/**
 * Brings a gallery to a new model: every item is mapped by h, and then, in one moment, the new
 * model takes the old one's place. Until then the old model searches and adds; a stopped update
 * goes on by the same call. Throws InputError if h is not one for these vectors, or another update
 * has begun.
 */
export async function updateGallery(store: Store, update: GalleryUpdate): Promise<void> {
  const adapter = await openAdapter(update.weights, "gallery");
  try {
    const coming = await registered(store, adapter, update);
    if (coming !== null) while (!mappedSome(store, adapter, coming, update)) await pause();
  } finally {
    adapter.h.dispose();
  }
}

/** Lets the process answer an interrupt. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Unmapped {
  readonly number: number;
  readonly id: string;
  readonly vector: Uint8Array;
  readonly checksum: number;
  readonly side: Uint8Array | null;
  readonly sideChecksum: number | null;
}

/** Maps the next items; true once none is left and the new model is the current one. */
function mappedSome(
  store: Store,
  { h, card }: Adapter,
  coming: StoredModel,
  { signal, onItems }: GalleryUpdate,
): boolean {
  signal?.throwIfAborted();
  const current = currentModel(store);
  const found = store.all<Unmapped>(
    `SELECT item.number, item.id, item.side, item.side_checksum AS sideChecksum,
       CASE WHEN item.model = ?1 THEN item.vector ELSE present.vector END AS vector,
       CASE WHEN item.model = ?1 THEN item.checksum ELSE present.checksum END AS checksum
     FROM item LEFT JOIN mapped AS present ON present.item = item.number AND present.model = ?1
     WHERE NOT EXISTS (SELECT 1 FROM mapped WHERE mapped.item = item.number AND mapped.model = ?2)
     ORDER BY item.number LIMIT ?3`,
    ...[current.number, coming.number, rowsAtOnce],
  );
  if (found.length === 0) return taken(store, current, coming);
  for (const { id, vector, checksum, side, sideChecksum } of found) {
    requireIntact(store.path, { id, bytes: vector, checksum });
    requireIntact(store.path, { id, bytes: side, checksum: sideChecksum }, "side-information");
  }
  const old = matrixOf(
    found.map(({ vector }) => vector),
    current.dimensions,
  );
  const mapped = h.mapAll({ old, side: sideOf(found, card) });
  store.atOnce(() => keep(store, found, { mapped, old }, coming));
  onItems?.(
    countOf(store, coming.number),
    store.first<{ readonly n: number }>("SELECT count(*) AS n FROM item")?.n ?? 0,
  );
  return false;
}

function sideOf(found: readonly Unmapped[], card: Adapter["card"]): Matrix | null {
  const sides = found.flatMap(({ side }) => side ?? []);
  return sides.length === 0 || sideTaken(card, 1) === null ? null : matrixOf(sides, (sides[0]?.byteLength ?? 0) / 4);
}

/** How many items are mapped to a model. */
export function countOf(store: Store, model: number): number {
  return store.first<{ readonly n: number }>("SELECT count(*) AS n FROM mapped WHERE model = ?", model)?.n ?? 0;
}

/** Keeps what h made of items, unless they have changed or gone meanwhile. */
function keep(
  store: Store,
  found: readonly Unmapped[],
  { mapped: { embeddings, logVariance }, old }: { readonly mapped: MappedRows; readonly old: Matrix },
  { number: model }: StoredModel,
): void {
  const sql = `INSERT OR IGNORE INTO mapped (item, model, vector, rank, checksum)
    SELECT ?1, ?2, ?3, ?4, ?7 WHERE EXISTS (SELECT 1 FROM item WHERE number = ?1 AND (model <> ?5 OR vector = ?6))`;
  const current = currentModel(store).number;
  found.forEach(({ number }, row) => {
    const rank = logVariance?.[row] ?? random("backfill order", number).uniform();
    const vector = bytesOf(embeddings, row);
    store.run(sql, number, model, vector, rank, current, bytesOf(old, row), checksumOf(vector));
  });
}

/** Makes the new model the current one if every item is mapped. */
function taken(store: Store, current: StoredModel, coming: StoredModel): boolean {
  return store.atOnce(() => {
    const left = store.first(
      "SELECT 1 FROM item WHERE NOT EXISTS (SELECT 1 FROM mapped WHERE mapped.item = item.number AND mapped.model = ?) LIMIT 1",
      coming.number,
    );
    if (left !== undefined) return false;
    // Another process may have done it.
    if (modelIn(store, "coming")?.number !== coming.number) return true;
    store.run("UPDATE model SET state = 'past' WHERE number = ?", current.number);
    store.run("UPDATE model SET state = 'current' WHERE number = ?", coming.number);
    store.run("DELETE FROM mapped WHERE model <> ?", coming.number);
    nextRevision(store);
    return true;
  });
}

/** Gives up an update that has begun: what was mapped for it is forgotten. */
export function giveUpUpdate(store: Store): void {
  store.atOnce(() => {
    const coming = modelIn(store, "coming");
    if (coming === undefined) throw new InputError({ file: store.path, fault: "has no update under way" });
    store.run("DELETE FROM mapped WHERE model = ?", coming.number);
    store.run("DELETE FROM model WHERE number = ?", coming.number);
  });
}
