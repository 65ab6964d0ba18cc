/** The same items; an error of their source is thrown as "<name> <failure>: <reason>", unless it names it already. */
export async function* namingErrors<T>(
  name: string,
  failure: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw reason.startsWith(name) ? cause : new Error(`${name} ${failure}: ${reason}`, { cause });
  }
}
