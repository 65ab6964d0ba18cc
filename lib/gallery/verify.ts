import { notFinite } from "../core/check";
import { currentModel, modelIn, type StoredModel } from "./model-space";
import type { Store } from "./store";
import { damageOf, matrixOf } from "./vectors";

interface Seen {
  readonly number: number;
  readonly id: string;
  readonly own: number;
  readonly vector: Uint8Array;
  readonly checksum: number;
  readonly side: Uint8Array | null;
  readonly sideChecksum: number | null;
  readonly mapped: Uint8Array | null;
  readonly mappedChecksum: number | null;
  readonly known: number | null;
}

const rowsAtOnce = 5000;
const mostFaults = 20;

/**
 * A line for each fault, at most 20: a page of the file that SQLite finds damaged, an item of an
 * unknown model, without a vector of the current model or with two, of another size, with a vector
 * or side-information that has changed since it was stored, or of numbers that are not finite.
 */
export function faultsOf(store: Store): readonly string[] {
  return store.atOneMoment(() => {
    const pages = store.all<Readonly<Record<string, string>>>("PRAGMA integrity_check").flatMap(Object.values);
    const faults = (pages as string[]).filter((line) => line !== "ok");
    const current = currentModel(store);
    for (let last = 0; faults.length < mostFaults; ) {
      const rows = itemsAfter(store, current.number, last);
      faults.push(...rows.flatMap((row) => faultOf(row, current) ?? []));
      if (rows.length < rowsAtOnce) break;
      last = rows.at(-1)?.number ?? last;
    }
    const coming = modelIn(store, "coming")?.number ?? -1;
    const sql = "SELECT count(*) AS n FROM mapped WHERE model NOT IN (?, ?)";
    const strays = store.first<{ readonly n: number }>(sql, current.number, coming)?.n ?? 0;
    if (strays > 0) faults.push(`${strays} mapped vectors are of a model that is neither current nor coming`);
    return faults.slice(0, mostFaults);
  });
}

function itemsAfter(store: Store, model: number, number: number): readonly Seen[] {
  return store.all<Seen>(
    `SELECT item.number, item.id, item.vector, item.checksum, item.side, item.side_checksum AS sideChecksum,
       item.model AS own, mapped.vector AS mapped, mapped.checksum AS mappedChecksum, model.dimensions AS known
     FROM item LEFT JOIN mapped ON mapped.item = item.number AND mapped.model = ?1
     LEFT JOIN model ON model.number = item.model
     WHERE item.number > ?2 ORDER BY item.number LIMIT ?3`,
    ...[model, number, rowsAtOnce],
  );
}

function faultOf(seen: Seen, { number, dimensions }: StoredModel): string | null {
  const { id, own, vector, mapped, known } = seen;
  if (known === null) return `item "${id}" is of no model of this gallery`;
  if (vector.byteLength !== 4 * known) return `item "${id}" has ${vector.byteLength} bytes instead of ${4 * known}`;
  if (own === number && mapped !== null) return `item "${id}" has both a vector of its own and a mapped one`;
  if (own !== number && mapped === null) return `item "${id}" has no vector of the current model`;
  const searched = mapped ?? vector;
  if (searched.byteLength !== 4 * dimensions) return `item "${id}" has a mapped vector of another size`;
  const damage =
    damageOf({ bytes: vector, checksum: seen.checksum }, "vector") ??
    damageOf({ bytes: seen.side, checksum: seen.sideChecksum }, "side-information") ??
    damageOf({ bytes: mapped, checksum: seen.mappedChecksum }, "mapped vector");
  if (damage !== null) return `item "${id}": ${damage}`;
  const wrong = notFinite(matrixOf([searched], dimensions).data);
  return wrong === null ? null : `item "${id}": ${wrong}`;
}
