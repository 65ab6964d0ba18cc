/** A stream that is read by numbers of bytes. */
export interface ByteSource {
  /** Bytes that were taken so far. */
  readonly position: () => number;
  /** Whether no byte is left. */
  readonly ended: () => Promise<boolean>;
  /** The next bytes; throws what `refuse` makes of it if the stream ends before. */
  readonly take: (count: number, refuse: Refuse) => Promise<Buffer>;
  /** The same, part by part; a second iteration goes on where the first has stopped. */
  readonly passing: (count: number, refuse: Refuse) => AsyncIterable<Uint8Array>;
  /** Reads to the end. */
  readonly drain: () => Promise<void>;
}

type Refuse = (reason: string) => Error;

/** The bytes of `stream`, which is read from here on by the source alone. */
export function byteSource(stream: AsyncIterable<Uint8Array>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  const fill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) return false;
      rest = value;
    }
    return true;
  };
  const part = async (most: number, refuse: Refuse): Promise<Uint8Array> => {
    if (!(await fill())) throw refuse(`it is cut short, ${most} bytes more are expected`);
    const found = rest.subarray(0, most);
    rest = rest.subarray(found.length);
    position += found.length;
    return found;
  };
  const passing = (count: number, refuse: Refuse): AsyncIterable<Uint8Array> => {
    let left = count;
    return {
      async *[Symbol.asyncIterator]() {
        while (left > 0) {
          const found = await part(left, refuse);
          left -= found.length;
          yield found;
        }
      },
    };
  };
  return {
    position: () => position,
    ended: async () => !(await fill()),
    take: async (count, refuse) => {
      const parts: Uint8Array[] = [];
      for await (const found of passing(count, refuse)) parts.push(found);
      return Buffer.concat(parts);
    },
    passing,
    drain: async () => {
      while (await fill()) rest = new Uint8Array(0);
    },
  };
}
