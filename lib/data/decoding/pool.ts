import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { wholeNumber } from "../../core/check";
import { projectRoot } from "../../core/paths";
import type { BrokerData, BrokerMessage, DecodeResult } from "./broker";
import type { BrokenAt, DecodeOrder } from "./messages";

/** A decoded batch, one image after the other. The values of a broken image mean nothing. */
interface DecodedBatch {
  readonly values: Float32Array;
  readonly broken: readonly BrokenAt[];
}

/** Processes that decode image files. Idle, they keep nothing alive; they end with this process. */
export interface DecodePool {
  /** Decodes a batch, after earlier ones. Rejects, naming the file, if one cannot be read. */
  readonly decode: (order: Omit<DecodeOrder, "id">) => Promise<DecodedBatch>;
  /** Gives the memory of a decoded batch back for a later one; the array is then empty. */
  readonly recycle: (values: Float32Array) => void;
  /** Why it takes no more orders; null while it does. */
  readonly ended: () => string | null;
  /** Ends the processes; batches still asked for are rejected. */
  readonly close: () => Promise<void>;
}

let shared: DecodePool | null = null;

/** The pool of this process, for all cores; started at the first call and after a failure. */
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
 * The fewest processes that keep the cores busy: Node gives each four threads for decoding, and
 * threads of one process share more than processes do. Each has one image more in hand than it
 * decodes, so that none waits for the handover.
 */
export function poolSize(cores: number): PoolSize {
  const processes = Math.ceil(cores / 4);
  return { processes, imagesEach: Math.ceil(cores / processes) + 1 };
}

/**
 * Starts a pool. Its thread and processes run the compiled code in lib/dist, even under a test
 * runner that compiles sources itself. Throws if that is missing.
 */
export function startDecodePool({ processes, imagesEach }: PoolSize): DecodePool {
  wholeNumber("decoding processes", processes, { least: 1 });
  wholeNumber("images each", imagesEach, { least: 1 });
  const broker = startBroker({ processes, imagesEach, childPath: compiled("child.js") });
  const orders = openOrders(broker);
  broker.on("message", orders.settle);
  broker.on("error", (error) => orders.end(`decoding stopped: ${error.message}`));
  broker.on("exit", () => orders.end("the decoding processes were ended"));
  return {
    decode: orders.add,
    recycle: (values) =>
      broker.postMessage({ kind: "recycle", values } satisfies BrokerMessage, [values.buffer as ArrayBuffer]),
    ended: orders.ended,
    close: async () => void (await broker.terminate()),
  };
}

/** The orders that the broker has not answered yet. */
interface OpenOrders {
  readonly add: (order: Omit<DecodeOrder, "id">) => Promise<DecodedBatch>;
  readonly settle: (result: DecodeResult) => void;
  /** Rejects them all, and those to come. */
  readonly end: (reason: string) => void;
  readonly ended: () => string | null;
}

interface Waiting {
  readonly resolve: (batch: DecodedBatch) => void;
  readonly reject: (error: Error) => void;
}

/** Only while orders are open does the broker keep this process alive. */
function openOrders(broker: Worker): OpenOrders {
  const open = new Map<number, Waiting>();
  let count = 0;
  let ended: string | null = null;
  const take = (id: number): Waiting | undefined => {
    const order = open.get(id);
    open.delete(id);
    if (open.size === 0) broker.unref();
    return order;
  };
  const end = (reason: string): void => {
    ended ??= reason;
    for (const id of [...open.keys()]) take(id)?.reject(new Error(ended));
    void broker.terminate();
  };
  return {
    add: (order) =>
      new Promise((resolve, reject) => {
        if (ended !== null) throw new Error(ended);
        if (order.tasks.length === 0) return resolve({ values: new Float32Array(0), broken: [] });
        const id = count++;
        open.set(id, { resolve, reject });
        broker.ref();
        broker.postMessage({ kind: "decode", order: { ...order, id } } satisfies BrokerMessage);
      }),
    settle: (result) => {
      if (result.kind === "decoded") take(result.id)?.resolve(result);
      else if (result.id === null) end(result.reason);
      else take(result.id)?.reject(new Error(result.reason));
    },
    end,
    ended: () => ended,
  };
}

/** Idle, the thread does not keep this process alive. */
function startBroker(workerData: BrokerData): Worker {
  const broker = new Worker(compiled("broker-thread.js"), { workerData, execArgv: [] });
  broker.unref();
  return broker;
}

function compiled(name: string): string {
  const path = join(projectRoot(), "lib", "dist", "data", "decoding", name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`);
  return path;
}
