import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { projectRoot } from "../../../core/paths";
import { clearScoreMemory, compileRoutines, newScoreMemory, type ScoreMemory } from "../scores/memory";

/** A thread that takes part in searches, and where it says what it has thrown. */
export interface HelperThread {
  readonly worker: Worker;
  readonly failures: MessagePort;
}

/** All that the engine keeps from one search to the next. It has no other state. */
const kept: {
  /** engine/simd, compiled on first use. */
  routines: object | null;
  /** Memories no search is using: WebAssembly memory never shrinks, and is freed late. */
  readonly memories: ScoreMemory[];
  /** Threads that wait for a search. They do not keep the process running. */
  readonly helpers: HelperThread[];
} = { routines: null, memories: [], helpers: [] };

/** Larger memories are given up after their search. */
const mostBytesKept = 2 ** 28;

/** Whether the memory may serve another search. */
export function isKept({ shared }: ScoreMemory): boolean {
  return shared.memory.buffer.byteLength <= mostBytesKept;
}

/** Does the work in a memory of its own. No view of that memory may outlast the work. */
export function inScoreMemory<T>(work: (memory: ScoreMemory) => T): T {
  const memory = kept.memories.pop() ?? freshMemory();
  const result = work(memory);
  // Not if the work has thrown: another thread may still be writing to the memory.
  if (isKept(memory)) {
    clearScoreMemory(memory);
    kept.memories.push(memory);
  }
  return result;
}

/**
 * Throws RangeError, with what to do, if the process may not reserve the address space: V8 keeps
 * 10 GiB free around every memory unless it checks each access itself.
 */
function freshMemory(): ScoreMemory {
  const routines = compiledRoutines();
  try {
    return newScoreMemory(routines);
  } catch (cause) {
    if (!/could not allocate memory/.test((cause as Error).message)) throw cause;
    throw new RangeError(
      "a search reserves 10 GiB of address space, which is not allowed here: ulimit -v unlimited, " +
        "or NODE_OPTIONS=--disable-wasm-trap-handler, with which searches reserve 4 GiB and are slower",
      { cause },
    );
  }
}

function compiledRoutines(): object {
  kept.routines ??= compileRoutines(readFileSync(compiledFile("simd", "simd.wasm")));
  return kept.routines;
}

/** This number of helping threads, started if there are too few. */
export function helperThreads(count: number): HelperThread[] {
  while (kept.helpers.length < count) kept.helpers.push(startHelper());
  return kept.helpers.slice(0, count);
}

function startHelper(): HelperThread {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(compiledFile("threads", "worker.js"), {
    workerData: { failures: port2 },
    transferList: [port2],
    execArgv: [],
  });
  const helper = { worker, failures: port1 };
  const forget = (): void => {
    const at = kept.helpers.indexOf(helper);
    if (at >= 0) kept.helpers.splice(at, 1);
  };
  worker.on("error", forget);
  worker.on("exit", forget);
  worker.unref();
  port1.unref();
  return helper;
}

/** Ends all helping threads, and with them their hold on the memories of past searches. */
export function endHelperThreads(): void {
  for (const { worker } of kept.helpers.splice(0)) void worker.terminate();
}

/** A compiled file of the engine, also under a test runner that compiles the sources itself. */
function compiledFile(room: string, name: string): string {
  const path = join(projectRoot(), "lib", "dist", "retrieval", "engine", room, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run build\``);
  return path;
}
