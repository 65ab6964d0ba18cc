import { nearestRows } from "../engine/search";
import type { ScaledRows } from "../metrics/scaled-rows";

/** Items, nearest first, equal distances in gallery order, and their squared distances. */
export interface NearestList {
  readonly items: Int32Array;
  readonly squaredDistances: Float64Array;
}

export function noneNearest(): NearestList {
  return { items: new Int32Array(), squaredDistances: new Float64Array() };
}

/** Queries, and a part of a gallery from row `first` on; `excluded` are gallery rows, or -1. */
interface PartSearch {
  readonly query: ScaledRows;
  readonly part: { readonly first: number; readonly gallery: ScaledRows };
  readonly k: number;
  readonly excluded: readonly number[];
}

/** The nearest items of each query in a part of a gallery: k, or all that there are. */
export function nearestInPart({ query, part, k, excluded }: PartSearch): readonly NearestList[] {
  const { first, gallery } = part;
  // One more, of which the excluded one is left out: there may be no k others.
  const wanted = Math.min(k + 1, gallery.rows);
  const nobody = new Int32Array(query.rows).fill(-1);
  const found = nearestRows({ gallery, query }, { k: wanted, excluded: nobody });
  return excluded.map((own, index) => {
    const items = found.items.subarray(index * wanted, (index + 1) * wanted);
    const places = Array.from(items.keys()).filter((place) => first + (items[place] as number) !== own);
    const kept = places.slice(0, k);
    return {
      items: Int32Array.from(kept, (place) => first + (items[place] as number)),
      squaredDistances: Float64Array.from(kept, (place) => found.squaredDistances[index * wanted + place] as number),
    };
  });
}

/** The k nearest of several lists of different items. */
export function mergedNearest(lists: readonly NearestList[], k: number): NearestList {
  const all = lists.flatMap(({ items, squaredDistances }) =>
    Array.from(items, (item, place) => ({ item, distance: squaredDistances[place] as number })),
  );
  const nearest = all.sort((a, b) => a.distance - b.distance || a.item - b.item).slice(0, k);
  return {
    items: Int32Array.from(nearest, ({ item }) => item),
    squaredDistances: Float64Array.from(nearest, ({ distance }) => distance),
  };
}
