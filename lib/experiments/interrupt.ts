/** Runs `work` with a signal that SIGINT (Ctrl-C, a notebook's stop button) aborts. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(new Error("interrupted: run again to continue where it stopped"));
  process.once("SIGINT", stop);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
