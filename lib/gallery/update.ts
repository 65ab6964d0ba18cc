import { type Adapter, openAdapter } from "../adapters/open-adapter";
import type { Transformation } from "../adapters/open-transformation";
import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import { random } from "../core/random";
import { nextRevision } from "./items";
import { currentModel, modelIn, requireNamed, type StoredModel } from "./model-space";
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

type MappedRows = ReturnType<Transformation["mapAll"]>;

/** The batch of `h.mapAll`. */
const rowsAtOnce = 4096;

/**
 * Brings a gallery to a new model: every item is mapped by h, and then, in one moment, the new
 * model takes the old one's place. Until then the old model searches and adds; a stopped update
 * goes on by the same call. Throws InputError if h is not one for these vectors or maps one to what
 * is no number, if another update has begun, or if this one is given up meanwhile.
 */
export async function updateGallery(store: Store, update: GalleryUpdate): Promise<void> {
  requireNamed(update.model);
  const adapter = await openAdapter(update.weights, "gallery");
  try {
    const coming = await registered(store, adapter, update);
    if (coming === null) return;
    // Items that change or come meanwhile are left to another round.
    while (!taken(store, coming)) await mapAll(store, adapter, coming, update);
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

/** Goes through the items once and maps those that are not mapped. */
async function mapAll(
  store: Store,
  { h, card }: Adapter,
  coming: StoredModel,
  { signal, onItems }: GalleryUpdate,
): Promise<void> {
  const total = store.first<{ readonly n: number }>("SELECT count(*) AS n FROM item")?.n ?? 0;
  let done = countOf(store, coming.number);
  for (let last = 0; ; await pause()) {
    signal?.throwIfAborted();
    const { current, found } = store.atOneMoment(() => unmapped(store, coming, last));
    if (found.length === 0) return;
    for (const { id, vector, checksum, side, sideChecksum } of found) {
      requireIntact(store.path, { id, bytes: vector, checksum });
      requireIntact(store.path, { id, bytes: side, checksum: sideChecksum }, "side-information");
    }
    const old = matrixOf(
      found.map(({ vector }) => vector),
      current.dimensions,
    );
    const mapped = h.mapAll({ old, side: sideOf(found, card) });
    requireFinite(store.path, found, mapped);
    done += store.atOnce(() => keep(store, found, { mapped, old }, coming));
    onItems?.(done, Math.max(done, total));
    last = found.at(-1)?.number ?? last;
  }
}

/** The next items after one that are not mapped, as the current model has them. */
function unmapped(
  store: Store,
  coming: StoredModel,
  last: number,
): { readonly current: StoredModel; readonly found: readonly Unmapped[] } {
  const current = currentModel(store);
  if (!underWay(store, coming)) return { current, found: [] };
  const found = store.all<Unmapped>(
    `SELECT item.number, item.id, item.side, item.side_checksum AS sideChecksum,
       CASE WHEN item.model = ?1 THEN item.vector ELSE present.vector END AS vector,
       CASE WHEN item.model = ?1 THEN item.checksum ELSE present.checksum END AS checksum
     FROM item LEFT JOIN mapped AS present ON present.item = item.number AND present.model = ?1
     WHERE item.number > ?4 AND NOT EXISTS (SELECT 1 FROM mapped WHERE mapped.item = item.number AND mapped.model = ?2)
     ORDER BY item.number LIMIT ?3`,
    ...[current.number, coming.number, rowsAtOnce, last],
  );
  return { current, found };
}

/**
 * Whether an update is still to be finished; false if it has been. Its number alone does not tell:
 * that of an update that was given up is taken again. Throws InputError if it was given up, or the
 * gallery has gone on to another model.
 */
function underWay(store: Store, { number, name, h }: StoredModel): boolean {
  const isSame = (model: StoredModel | undefined): boolean =>
    model !== undefined && model.number === number && model.name === name && model.h?.sha256 === h?.sha256;
  if (isSame(modelIn(store, "coming"))) return true;
  if (isSame(currentModel(store))) return false;
  const fault = `its update to model "${name}" has been given up by another process, or replaced by another update`;
  throw new InputError({ file: store.path, fault, remedy: '"fct gallery status" says where it stands' });
}

function requireFinite(file: string, found: readonly Unmapped[], { embeddings, logVariance }: MappedRows): void {
  const refuse = (fault: string, row: number): InputError => {
    const remedy = "give up the update, and remove the item or learn another h";
    return new InputError({ file, place: `item "${found[row]?.id}"`, fault, remedy });
  };
  const isWrong = (value: number): boolean => !Number.isFinite(value);
  const { data, columns } = embeddings;
  const at = data.findIndex(isWrong);
  if (at >= 0) throw refuse(`h maps it to a vector with the value ${data[at]}`, Math.floor(at / columns));
  const row = logVariance?.findIndex(isWrong) ?? -1;
  if (row >= 0) throw refuse(`h predicts the log variance ${logVariance?.[row]} for it`, row);
}

function sideOf(found: readonly Unmapped[], card: Adapter["card"]): Matrix | null {
  const sides = found.flatMap(({ side }) => side ?? []);
  return sides.length === 0 || sideTaken(card, 1) === null ? null : matrixOf(sides, (sides[0]?.byteLength ?? 0) / 4);
}

/** How many items are mapped to a model. */
export function countOf(store: Store, model: number): number {
  return store.first<{ readonly n: number }>("SELECT count(*) AS n FROM mapped WHERE model = ?", model)?.n ?? 0;
}

/**
 * Keeps what h made of items, unless they have changed or gone meanwhile; gives how many it keeps.
 */
function keep(
  store: Store,
  found: readonly Unmapped[],
  { mapped: { embeddings, logVariance }, old }: { readonly mapped: MappedRows; readonly old: Matrix },
  coming: StoredModel,
): number {
  if (!underWay(store, coming)) return 0;
  const sql = `INSERT OR IGNORE INTO mapped (item, model, vector, rank, checksum)
    SELECT ?1, ?2, ?3, ?4, ?7 WHERE EXISTS (SELECT 1 FROM item WHERE number = ?1 AND (model <> ?5 OR vector = ?6))`;
  const current = currentModel(store).number;
  let kept = 0;
  for (const [row, { number }] of found.entries()) {
    const rank = logVariance?.[row] ?? random("backfill order", number).uniform();
    const vector = bytesOf(embeddings, row);
    kept += store.run(sql, number, coming.number, vector, rank, current, bytesOf(old, row), checksumOf(vector));
  }
  return kept;
}

/** Makes the new model the current one if every item is mapped; whether it is the current one. */
function taken(store: Store, coming: StoredModel): boolean {
  return store.atOnce(() => {
    if (!underWay(store, coming)) return true;
    const left = store.first(
      "SELECT 1 FROM item WHERE NOT EXISTS (SELECT 1 FROM mapped WHERE mapped.item = item.number AND mapped.model = ?) LIMIT 1",
      coming.number,
    );
    if (left !== undefined) return false;
    store.run("UPDATE model SET state = 'past' WHERE state = 'current'");
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
