/** Which pairs of tokens are joined, the lowest rank first, and what they become. */
export interface PairMerges {
  /** The rank of a pair; undefined if it is never joined. */
  readonly rankOf: (left: number, right: number) => number | undefined;
  /** The token that stands for the pair of a rank. */
  readonly product: (rank: number) => number;
}

/**
 * `tokens` with every pair joined: the pair of the lowest rank first, of equals the leftmost, until
 * no pair is left. Takes n log n steps for n tokens.
 */
export function joinedPairs(tokens: readonly number[], { rankOf, product }: PairMerges): readonly number[] {
  const { length } = tokens;
  const kept: (number | null)[] = [...tokens];
  const [before, after] = [Array.from(tokens, (_, at) => at - 1), Array.from(tokens, (_, at) => at + 1)];
  // A pair in waiting is the number rank times length plus the place of its left token.
  const waiting: number[] = [];
  const rankAt = (at: number): number | undefined => {
    const [left, right] = [kept[at], kept[after[at] ?? length]];
    return typeof left === "number" && typeof right === "number" ? rankOf(left, right) : undefined;
  };
  const enqueue = (at: number): void => {
    const rank = rankAt(at);
    if (rank !== undefined) push(waiting, rank * length + at);
  };
  for (let at = 0; at + 1 < length; at++) enqueue(at);
  for (let next = pop(waiting); next !== undefined; next = pop(waiting)) {
    const at = next % length;
    const rank = Math.floor(next / length);
    // Its tokens may have become part of others since it was put there.
    if (rankAt(at) !== rank) continue;
    const right = after[at] as number;
    kept[at] = product(rank);
    kept[right] = null;
    after[at] = after[right] as number;
    if ((after[at] as number) < length) before[after[at] as number] = at;
    if ((before[at] as number) >= 0) enqueue(before[at] as number);
    enqueue(at);
  }
  return kept.filter((token) => token !== null);
}

/** Adds a number to a heap, whose smallest number is the first. */
function push(heap: number[], value: number): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if ((heap[above] as number) <= value) break;
    heap[at] = heap[above] as number;
    at = above;
  }
  heap[at] = value;
}

/** Takes the smallest number of a heap away. */
function pop(heap: number[]): number | undefined {
  const [smallest] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return smallest;
  let at = 0;
  for (let below = 1; below < heap.length; below = 2 * at + 1) {
    if (below + 1 < heap.length && (heap[below + 1] as number) < (heap[below] as number)) below += 1;
    if ((heap[below] as number) >= last) break;
    heap[at] = heap[below] as number;
    at = below;
  }
  heap[at] = last;
  return smallest;
}
