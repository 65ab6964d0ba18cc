import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../core/paths";
import type { BrokerData, BrokerMessage, DecodeResult } from "./broker";
import type { BrokenAt, DecodeOrder } from "./messages";

/** A decoded batch, one image after the other. Where an image is broken, its values mean nothing. */
interface DecodedBatch {
  readonly values: Float32Array;
  readonly broken: readonly BrokenAt[];
}

/** Processes that decode image files. They keep nothing alive while idle and end with this process, whatever ends it. */
export interface DecodePool {
  /** Decodes a batch, behind those asked for before. Rejects, naming the file, where one cannot be read. */
  readonly decode: (order: Omit<DecodeOrder, "id">) => Promise<DecodedBatch>;
  /** Gives the memory of a decoded batch back for a later one; whoever holds it finds it empty. */
  readonly recycle: (values: Float32Array) => void;
  /** Why it takes no more; null while it does. */
  readonly ended: () => string | null;
  /** Ends the processes; batches still asked for are rejected. */
  readonly close: () => Promise<void>;
}

let shared: DecodePool | null = null;

/** The one pool of this process, for all its cores; started at the first call, and again after it failed. */
export function sharedDecodePool(): DecodePool {
  if (shared === null || shared.ended() !== null) shared = startDecodePool(poolSize(availableParallelism()));
  return shared;
}

/** How many processes there are, and how many images each has in hand. */
interface PoolSize {
  readonly processes: number;
  readonly imagesEach: number;
}

/**
 * As few processes as keep the cores busy: Node gives each four threads for decoding, and threads of one process share more than processes do.
 * Each has one image more in hand than it decodes, so that none waits for the handover.
 */
export function poolSize(cores: number): PoolSize {
  const processes = Math.ceil(cores / 4);
  return { processes, imagesEach: Math.ceil(cores / processes) + 1 };
}

interface Waiting {
  readonly resolve: (batch: DecodedBatch) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a pool. Its thread and processes run compiled code, also under a test runner that compiles sources itself: lib/dist, which
 * `npm test` brings up to date first. Throws where that is missing.
 */
export function startDecodePool({ processes, imagesEach }: PoolSize): DecodePool {
  for (const [what, count] of [
    ["decoding processes", processes],
    ["images each", imagesEach],
  ] as const) {
    if (!(Number.isInteger(count) && count >= 1))
      throw new RangeError(`${count} ${what}: a whole number of at least 1 is allowed`);
  }
  const broker = startBroker({ processes, imagesEach, childPath: compiled("child.js") });
  const orders = new Map<number, Waiting>();
  let count = 0;
  let reason: string | null = null;
  const take = (id: number): Waiting | undefined => {
    const order = orders.get(id);
    orders.delete(id);
    if (orders.size === 0) broker.unref();
    return order;
  };
  const end = (why: string): void => {
    reason ??= why;
    for (const id of [...orders.keys()]) take(id)?.reject(new Error(reason));
    void broker.terminate();
  };
  broker.on("message", (result: DecodeResult) => {
    if (result.kind === "decoded") take(result.id)?.resolve(result);
    else if (result.id === null) end(result.reason);
    else take(result.id)?.reject(new Error(result.reason));
  });
  broker.on("error", (error) => end(`decoding stopped: ${error.message}`));
  broker.on("exit", () => end("the decoding processes were ended"));
  return {
    decode: (order) =>
      new Promise((resolve, reject) => {
        if (reason !== null) throw new Error(reason);
        if (order.tasks.length === 0) return resolve({ values: new Float32Array(0), broken: [] });
        const id = count++;
        orders.set(id, { resolve, reject });
        broker.ref();
        broker.postMessage({ kind: "decode", order: { ...order, id } } satisfies BrokerMessage);
      }),
    recycle: (values) =>
      broker.postMessage({ kind: "recycle", values } satisfies BrokerMessage, [values.buffer as ArrayBuffer]),
    ended: () => reason,
    close: async () => {
      await broker.terminate();
    },
  };
}

/** Idle, the thread does not keep this process alive. */
function startBroker(workerData: BrokerData): Worker {
  const broker = new Worker(compiled("broker.js"), { workerData, execArgv: [] });
  broker.unref();
  return broker;
}

function compiled(name: string): string {
  const path = join(projectRoot(), "lib", "dist", "data", "decoding", name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`);
  return path;
}
