import type { ApproximateRow, Embeddings } from "./approximate-rows";
import { squaredDistance } from "./squared-distance";

/**
 * Exact squared distances of the row's query to `items`, in their order. Takes the items out of the row, which then holds the
 * others alone. Throws Error where the row's margin does not hold.
 */
export function measureMatches({ gallery, query }: Embeddings, row: ApproximateRow, items: Int32Array): Float64Array {
  return Float64Array.from(items, (item) => {
    const distance = squaredDistance(query, row.query, gallery, item);
    if (!(Math.abs(approximation(row, item) - distance) <= row.margin)) throw new Error(imprecise(row, item, distance));
    row.products[item] = Number.NEGATIVE_INFINITY;
    return distance;
  });
}

function approximation({ offset, norms, weight, products }: ApproximateRow, item: number): number {
  return offset + (norms[item] as number) - weight * (products[item] as number);
}

function imprecise(row: ApproximateRow, item: number, distance: number): string {
  return (
    `squared distance of query ${row.query} and gallery row ${item}: the matrix product says ${approximation(row, item)}, ` +
    `its rows say ${distance}; allowed is a difference of ${row.margin}. Is TensorFlow set to reduced precision?`
  );
}
