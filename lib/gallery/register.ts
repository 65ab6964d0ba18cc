import type { Adapter } from "../adapters/open-adapter";
import { requireSpace } from "../adapters/require-space";
import { fileSha256 } from "../core/hash";
import { InputError } from "../core/input-error";
import { overtaken } from "./items";
import {
  currentModel,
  drawnRows,
  encodedSpace,
  modelIn,
  named,
  type RegisteredH,
  type StoredModel,
} from "./model-space";
import type { Store } from "./store";
import { matrixOf } from "./vectors";

/** An h's file, what the model is called whose space it maps to, and whether to look at spaces. */
interface Registration {
  readonly weights: string;
  readonly model: string;
  readonly anySpace?: boolean;
}

/** The model that is coming, entered unless it is; null if it is the current one already. */
export async function registered(
  store: Store,
  adapter: Adapter,
  { weights: file, model: name, anySpace = false }: Registration,
): Promise<StoredModel | null> {
  const { h, card, weights } = adapter;
  const sha256 = await fileSha256(file);
  const isMeant = (model: StoredModel): boolean => model.name === name && model.h?.sha256 === sha256;
  const current = currentModel(store);
  if (isMeant(current)) return null;
  requireInputs(store, adapter, current, file);
  if (!anySpace) requireSpaces(store, adapter, current, file);
  return store.atOnce(() => {
    // An update may have been finished since.
    const now = currentModel(store);
    if (isMeant(now)) return null;
    if (now.number !== current.number) throw overtaken(store, current.name, "learn an h for that model");
    const begun = modelIn(store, "coming");
    if (begun !== undefined) {
      if (isMeant(begun)) return begun;
      const fault = `is on its way to model ${named(begun)} by another h (${begun.h?.sha256.slice(0, 16)})`;
      throw new InputError({ file: store.path, fault, remedy: "finish that update, or give it up" });
    }
    if (store.first("SELECT 1 FROM model WHERE name = ?", name) !== undefined) {
      throw new InputError({
        file: store.path,
        fault: `has had a model "${name}"`,
        remedy: "name the new one otherwise",
      });
    }
    const kept: RegisteredH = { sha256, kind: card?.kind ?? "h", predictsError: h.predictsUncertainty };
    const space = weights["space.to.mean"] === undefined ? null : encodedSpace("to", weights);
    const sql = "INSERT INTO model (name, dimensions, state, space, h) VALUES (?, ?, 'coming', ?, ?)";
    store.run(sql, name, h.target, space, JSON.stringify(kept));
    return modelIn(store, "coming") ?? null;
  });
}

function requireInputs(store: Store, { h: { takes }, card }: Adapter, current: StoredModel, file: string): void {
  const { side = null } = store.first<{ readonly side: number | null }>("SELECT side FROM gallery") ?? {};
  if (side === null && card !== null && card.sizes.side !== null) {
    const fault = `was learned with side-information of ${card.sizes.side} dimensions, and the gallery keeps none`;
    throw new InputError({ file, fault, remedy: "learn one without" });
  }
  const old = current.dimensions;
  const given = sideTaken(card, side) ?? 0;
  const fits =
    "together" in takes
      ? takes.together === old + given
      : takes.old === old && takes.side === (given === 0 ? old : given);
  if (fits) return;
  const wants =
    "together" in takes ? `${takes.together} dimensions together` : `${takes.old} and ${takes.side} dimensions`;
  const has = `${old} of ${named(current)}${side === null ? "" : ` and ${side} of side-information`}`;
  throw new InputError({ file, fault: `takes ${wants}, the gallery has ${has}` });
}

/** Side-information that is stored is not given to an h that was learned without. */
export function sideTaken(card: Adapter["card"], stored: number | null): number | null {
  return card !== null && card.sizes.side === null ? null : stored;
}

const mostLookedAt = 2048;

/**
 * While some items stand as an earlier h mapped them, those of the model's own are no fair sample.
 */
function requireSpaces(
  store: Store,
  { weights, card }: Adapter,
  { number, name, dimensions }: StoredModel,
  file: string,
): void {
  if (store.first("SELECT 1 FROM item WHERE model <> ? LIMIT 1", number) !== undefined) return;
  const numbers = store.all<{ readonly number: number }>("SELECT number FROM item ORDER BY number");
  const rows = Array.from(drawnRows(numbers.length, mostLookedAt), (at) =>
    store.first<{ readonly vector: Uint8Array; readonly side: Uint8Array | null }>(
      "SELECT vector, side FROM item WHERE number = ?",
      numbers[at]?.number ?? -1,
    ),
  ).flatMap((row) => row ?? []);
  const vectors = matrixOf(
    rows.map(({ vector }) => vector),
    dimensions,
  );
  requireSpace("from", weights, { name: `${store.path}, model "${name}"`, vectors, file });
  const sides = rows.flatMap(({ side }) => side ?? []);
  if (sides.length === 0 || sideTaken(card, 1) === null) return;
  const beside = matrixOf(sides, (sides[0]?.byteLength ?? 0) / 4);
  requireSpace("side", weights, { name: `${store.path}, side-information`, vectors: beside, file });
}
