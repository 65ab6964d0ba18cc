import { positive, unexpected, wholeNumber } from "../core/check";
import type { Matrix } from "../core/matrix";
import { requireEmbedded } from "./embedded";
import { nextRevision, overtaken } from "./items";
import { currentModel, requireName, type StoredModel } from "./model-space";
import type { QualitySample } from "./quality";
import { curveOf, type QualityPoint } from "./quality-curve";
import type { Store } from "./store";
import { bytesOf, checksumOf } from "./vectors";
import type { GalleryView } from "./view";

/** How mapped items are replaced by the current model's own vectors. */
export interface BackfillPlan {
  /** The current model, whose vectors `embed` gives. */
  readonly model: string;
  /** The vectors of items, in their order. */
  readonly embed: (ids: readonly string[]) => Matrix | Promise<Matrix>;
  /** Whether `embed` knows an item; all of them by default. */
  readonly has?: (id: string) => boolean;
  /** Stop after so many items, or before the first block after so many seconds. */
  readonly items?: number;
  readonly seconds?: number;
  /** Items embedded together, and stored in one transaction: 256 by default. */
  readonly itemsAtOnce?: number;
  /** Measured at first, after every `measureEvery` items (by default a tenth), and at last. */
  readonly sample?: QualitySample;
  readonly measureEvery?: number;
  /** Take vectors that are no nearer to what h made of the same items than to others. */
  readonly anySpace?: boolean;
  readonly signal?: AbortSignal;
  /** Is told how many items are replaced, and how many others were mapped when it began. */
  readonly onItems?: (progress: { readonly done: number; readonly left: number }) => void;
}

/** What a backfill has done. */
export interface Backfilled {
  readonly replaced: number;
  /** Mapped items that are left. */
  readonly left: number;
  readonly points: readonly QualityPoint[];
}

interface Ranked {
  readonly item: number;
  readonly id: string;
  readonly rank: number;
  readonly vector: Uint8Array;
}

/** The mapped items that a backfill takes next: the largest predicted error first. */
export function nextItems(store: Store, count: number, after: Pick<Ranked, "rank" | "item"> | null = null): Ranked[] {
  const { rank, item } = after ?? { rank: Number.MAX_VALUE, item: -1 };
  return store.all<Ranked>(
    `SELECT mapped.item, item.id, mapped.rank, mapped.vector FROM mapped JOIN item ON item.number = mapped.item
     WHERE mapped.model = (SELECT number FROM model WHERE state = 'current')
       AND (mapped.rank < ?1 OR (mapped.rank = ?1 AND mapped.item > ?2))
     ORDER BY mapped.rank DESC, mapped.item LIMIT ?3`,
    ...[rank, item, count],
  );
}

/**
 * Replaces mapped items, those of the largest predicted error first, as FastFill does (arXiv
 * 2303.04766), until the budget is spent. Each block is stored whole or not at all, so that a
 * stopped backfill goes on by the same call. Throws InputError if the plan is for another model
 * than the current one, and on vectors of another space.
 */
export async function backfillGallery(store: Store, view: () => GalleryView, plan: BackfillPlan): Promise<Backfilled> {
  const { items = Number.POSITIVE_INFINITY, seconds, itemsAtOnce = 256, signal, onItems } = plan;
  if (items !== Number.POSITIVE_INFINITY) wholeNumber("items", items, { least: 1 });
  if (seconds !== undefined) positive("seconds", seconds);
  wholeNumber("items at once", itemsAtOnce, { least: 1 });
  const model = currentModel(store);
  requireName(store.path, model, plan.model);
  const curve = curveOf({ view, left: () => leftOf(store) }, plan);
  const start = performance.now();
  const inTime = (): boolean => seconds === undefined || performance.now() - start < 1000 * seconds;
  const mapped = leftOf(store);
  let replaced = 0;
  for (const nextBlock = blocksOf(store, plan); replaced < items && inTime(); ) {
    signal?.throwIfAborted();
    const block = nextBlock(Math.min(itemsAtOnce, items - replaced));
    if (block.length === 0) break;
    const vectors = await plan.embed(block.map(({ id }) => id));
    if (vectors.rows !== block.length) throw unexpected("embedded rows", `${block.length}, one an item`, vectors.rows);
    await requireEmbedded(store, model, block, { vectors, plan });
    replaced += replace(store, block, vectors, model);
    curve.passed(replaced);
    onItems?.({ done: replaced, left: mapped - replaced });
  }
  return { replaced, left: leftOf(store), points: curve.ended() };
}

/** How many items stand as h mapped them. */
export function leftOf(store: Store): number {
  const sql = "SELECT count(*) AS n FROM item WHERE model <> (SELECT number FROM model WHERE state = 'current')";
  return store.first<{ readonly n: number }>(sql)?.n ?? 0;
}

/** Gives the next items, as many as are asked for or are left, that can be embedded. */
function blocksOf(store: Store, { has = () => true }: BackfillPlan): (size: number) => readonly Ranked[] {
  let last: Ranked | null = null;
  let held: Ranked[] = [];
  return (size) => {
    while (held.length < size) {
      const found = nextItems(store, rowsAtOnce, last);
      if (found.length === 0) break;
      last = found.at(-1) ?? last;
      held.push(...found.filter(({ id }) => has(id)));
    }
    const block = held.slice(0, size);
    held = held.slice(size);
    return block;
  };
}

const rowsAtOnce = 4096;

/** Stores a block; gives how many of its items still stood as they were mapped. */
function replace(store: Store, block: readonly Ranked[], vectors: Matrix, { number, name }: StoredModel): number {
  return store.atOnce(() => {
    if (currentModel(store).number !== number) throw overtaken(store, name);
    const revision = nextRevision(store);
    const sql = "UPDATE item SET vector = ?, checksum = ?, model = ?, revision = ? WHERE number = ? AND model <> ?";
    let count = 0;
    for (const [row, { item }] of block.entries()) {
      const vector = bytesOf(vectors, row);
      const changes = store.run(sql, vector, checksumOf(vector), number, revision, item, number);
      // An update under way maps the item again, from its new vector.
      if (changes > 0) store.run("DELETE FROM mapped WHERE item = ?", item);
      count += changes;
    }
    return count;
  });
}
