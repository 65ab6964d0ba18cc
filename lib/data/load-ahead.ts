/**
 * Loads items in order while up to `ahead` of those after the one in use are being loaded; 0 loads each when it is asked for. An error comes
 * at its item's turn. However the loop ends, nothing is being loaded any more once it has.
 */
export async function* loadAhead<I, T>(
  items: Iterable<I>,
  load: (item: I) => Promise<T>,
  ahead: number,
): AsyncGenerator<T, void, undefined> {
  if (!(Number.isInteger(ahead) && ahead >= 0)) {
    throw new RangeError(`${ahead} items ahead: a whole number of at least 0 is allowed`);
  }
  const loading: Promise<T>[] = [];
  try {
    for (const item of items) {
      const started = load(item);
      // Whether it is ever awaited or not, its error is not one that nobody handles.
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
  const [first] = loading.splice(0, 1);
  if (first === undefined) throw new Error("nothing is being loaded");
  return first;
}
