import { InputError } from "../core/input-error";
import type { Matrix } from "../core/matrix";
import { squaredDistance } from "../retrieval/metrics/squared-distance";
import { named, requireModel, type StoredModel } from "./model-space";
import type { Store } from "./store";
import { matrixOf } from "./vectors";

/** An item as h mapped it. */
interface Mapped {
  readonly id: string;
  readonly vector: Uint8Array;
}

/** Fewer vectors tell too little. */
const fewestCompared = 50;
/** Other items that each is compared with. */
const others = 16;

/**
 * A backfill takes the most uncertain items first, which do not spread as all do. What tells that
 * vectors are the model's own, and in the order of their items, is that they are nearer to what h
 * made of the same item than to what it made of others: than to more than half of these, by three
 * standard deviations of chance.
 */
export async function requireEmbedded(
  store: Store,
  model: StoredModel,
  block: readonly Mapped[],
  {
    vectors,
    plan,
  }: { readonly vectors: Matrix; readonly plan: { readonly model: string; readonly anySpace?: boolean } },
): Promise<void> {
  await requireModel(store.path, model, { vectors, model: plan.model, anySpace: true });
  if (plan.anySpace === true || block.length < fewestCompared) return;
  const mapped = matrixOf(
    block.map(({ vector }) => vector),
    model.dimensions,
  );
  const n = block.length;
  const farther = (_: Mapped, i: number): number => {
    const own = squaredDistance(vectors, i, mapped, i);
    const other = (k: number): number => (i + 1 + Math.floor((k * (n - 1)) / others)) % n;
    return Array.from({ length: others }, (_, k) => squaredDistance(vectors, i, mapped, other(k))).filter(
      (d) => d > own,
    ).length;
  };
  const share = block.map(farther).reduce((a, b) => a + b, 0) / (others * n);
  const needed = 0.5 + 3 / Math.sqrt(12 * n);
  if (share > needed) return;
  const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  const fault = `these vectors are said to be of ${named(model)}, and are nearer to what h made of the same item than of ${percent(share)} of others: chance gives 50 %, more than ${percent(needed)} is needed`;
  const remedy = "embed these items by that model, in this order, or say that any space is allowed";
  throw new InputError({ file: store.path, place: `item "${block[0]?.id}"`, fault, remedy });
}
