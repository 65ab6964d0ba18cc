import { type Matrix, matrix } from "../core/matrix";
import { currentModel } from "./model-space";
import type { Store } from "./store";
import { requireIntact, setRow } from "./vectors";

/** The gallery as the current model sees it: its own vectors, and for the rest what h made. */
export interface GalleryView {
  /** The current model's number. */
  readonly model: number;
  readonly ids: readonly string[];
  readonly labels: readonly (string | null)[];
  readonly vectors: Matrix;
}

/** What is kept between two looks at a gallery. */
interface Held {
  readonly model: number;
  readonly revision: number;
  readonly removed: number;
  readonly rowOf: ReadonlyMap<number, number>;
  readonly ids: readonly string[];
  readonly labels: readonly (string | null)[];
  readonly vectors: Matrix;
}

interface Changed {
  readonly number: number;
  readonly id: string;
  readonly label: string | null;
  readonly vector: Uint8Array | null;
  readonly checksum: number | null;
}

interface State {
  readonly revision: number;
  readonly removed: number;
}

const rowsAtOnce = 5000;

/**
 * Gives the view of the moment at which it is called. Throws InputError, naming the item, on a
 * vector that is not the one that was stored. What has not changed since the last call, by
 * this process or another, is not read again.
 */
export function galleryViews(store: Store): () => GalleryView {
  let held: Held | null = null;
  return () => {
    held = store.atOneMoment(() => renewed(store, held));
    return held;
  };
}

function renewed(store: Store, held: Held | null): Held {
  const { number: model } = currentModel(store);
  const state = store.first<State>("SELECT revision, removed FROM gallery");
  if (state === undefined) throw new Error(`${store.path}: it has lost its own row`);
  if (held !== null && held.model === model && held.revision === state.revision) return held;
  const kept = held !== null && held.model === model && held.removed === state.removed ? held : null;
  return { model, ...state, ...merged(store, kept, model) };
}

/** What is held, with what has changed since. */
function merged(store: Store, held: Held | null, model: number): Pick<Held, "rowOf" | "ids" | "labels" | "vectors"> {
  const { dimensions } = currentModel(store);
  const { count } = store.first<{ readonly count: number }>("SELECT count(*) AS count FROM item") ?? { count: 0 };
  const vectors = matrix(count, dimensions);
  if (held !== null) vectors.data.set(held.vectors.data);
  const rowOf = new Map(held?.rowOf);
  const [ids, labels] = [[...(held?.ids ?? [])], [...(held?.labels ?? [])]];
  for (const { number, id, label, vector, checksum } of changedItems(store, model, held?.revision ?? -1)) {
    if (vector === null) throw new Error(`${store.path}: item "${id}" has no vector of the current model`);
    requireIntact(store.path, { id, bytes: vector, checksum });
    const row = rowOf.get(number) ?? ids.length;
    rowOf.set(number, row);
    ids[row] = id;
    labels[row] = label;
    setRow(vectors, row, vector);
  }
  return { rowOf, ids, labels, vectors };
}

function* changedItems(store: Store, model: number, since: number): Generator<Changed, void, undefined> {
  let last = 0;
  for (;;) {
    const found = store.all<Changed>(
      `SELECT item.number, item.id, item.label,
         CASE WHEN item.model = ?1 THEN item.vector ELSE mapped.vector END AS vector,
         CASE WHEN item.model = ?1 THEN item.checksum ELSE mapped.checksum END AS checksum
       FROM item LEFT JOIN mapped ON mapped.item = item.number AND mapped.model = ?1
       WHERE item.number > ?2 AND item.revision > ?3 ORDER BY item.number LIMIT ?4`,
      ...[model, last, since, rowsAtOnce],
    );
    yield* found;
    if (found.length < rowsAtOnce) return;
    last = found.at(-1)?.number ?? last;
  }
}
