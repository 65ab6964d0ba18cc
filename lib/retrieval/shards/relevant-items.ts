/** The relevant items of all queries that lie in a shard. */
export interface MeasuredShard {
  /** [queries] How many there are. */
  readonly found: Int32Array;
  /** Their gallery rows, query by query, ascending. */
  readonly items: Int32Array;
  /** Their squared distances, exact in 64 bits. */
  readonly distances: Float64Array;
}

/** For each query all its relevant items, ascending, and their squared distances. */
export function relevantItems(
  measured: readonly MeasuredShard[],
): readonly { readonly items: Int32Array; readonly distances: Float64Array }[] {
  const queries = measured[0]?.found.length ?? 0;
  const places = measured.map(() => 0);
  return Array.from({ length: queries }, (_, index) => {
    const pieces = measured.map(({ found, items, distances }, shard) => {
      const [from, count] = [places[shard] as number, found[index] as number];
      places[shard] = from + count;
      return { items: items.subarray(from, from + count), distances: distances.subarray(from, from + count) };
    });
    return {
      items: joined(
        pieces.map(({ items }) => items),
        (length) => new Int32Array(length),
      ),
      distances: joined(
        pieces.map(({ distances }) => distances),
        (length) => new Float64Array(length),
      ),
    };
  });
}

/** Arrays one after the other, in one that `make` makes. */
export function joined<T extends Int32Array | Uint32Array | Float64Array>(
  pieces: readonly T[],
  make: (length: number) => T,
): T {
  const whole = make(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
