/** Runs `action` for 0 to count - 1, in order, at most `limit` at once. The first error ends it: nothing further is started. */
export async function atMost(limit: number, count: number, action: (index: number) => Promise<void>): Promise<void> {
  if (!(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`${limit} at once: a whole number from 1 is allowed`);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      await action(index).catch((error: unknown) => {
        next = count;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
}
