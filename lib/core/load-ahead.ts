import { wholeNumber } from "./check";

/**
 * Loads items in order, loading up to `ahead` items beyond the one in use at the same time; 0 loads
 * each when it is asked for. An error is thrown at its item's turn. Once the loop has ended, in
 * whatever way, nothing is being loaded any more.
 */
export async function* loadAhead<I, T>(
  items: Iterable<I>,
  load: (item: I) => Promise<T>,
  ahead: number,
): AsyncGenerator<T, void, undefined> {
  wholeNumber("items ahead", ahead, { least: 0 });
  const loading: Promise<T>[] = [];
  try {
    for (const item of items) {
      const started = load(item);
      // Its error is thrown at its turn or, if the loop ends before, not at all.
      started.catch(() => {});
      loading.push(started);
      if (loading.length > ahead) yield await taken(loading);
    }
    while (loading.length > 0) yield await taken(loading);
  } finally {
    await Promise.allSettled(loading);
  }
}

function taken<T>(loading: Promise<T>[]): Promise<T> {
  const first = loading.shift();
  if (first === undefined) throw new Error("nothing is being loaded");
  return first;
}
