import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tensorAlignment } from "../../core/alignment";
import { projectRoot } from "../../core/paths";

/** What simd/ exports; every number but a bound, a slope and a slack is whole. */
interface ScoreRoutines {
  readonly base: () => number;
  readonly keep: (...numbers: number[]) => number;
  readonly fillTable: (...numbers: number[]) => void;
  readonly count: (...numbers: number[]) => number;
  readonly nearest: (...numbers: number[]) => number;
  readonly prune: (...numbers: number[]) => number;
  readonly bound: { readonly value: number };
  readonly measure: (...numbers: number[]) => void;
  readonly sort: (...numbers: number[]) => void;
}

/** What another thread needs to take part in a search. */
export interface SharedScores {
  /** A WebAssembly.Module and a shared WebAssembly.Memory. */
  readonly module: object;
  readonly memory: SharedMemory;
}

interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** Memory of one search, in which simd/ reads the scores that TensorFlow computed. Threads share it. */
export interface ScoreMemory {
  readonly routines: ScoreRoutines;
  readonly shared: SharedScores;
  /** The address of fresh room for `count` numbers of 32 bits, aligned for TensorFlow, and 64 bytes behind them; no other thread gets it. */
  readonly reserve: (count: number) => number;
  readonly floats: (address: number, count: number) => Float32Array;
  readonly doubles: (address: number, count: number) => Float64Array;
  readonly integers: (address: number, count: number) => Int32Array;
}

/** Below every score but that of what is taken out, -infinity, as 32 bits hold it. */
export const lowestScore = -3.4e38;

const pageBytes = 2 ** 16;
/** As the set-up compiles it: 4 GiB. */
const mostPages = 2 ** 16;

/** The part of the JavaScript API that is used here; Node's own types leave it out. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
let compiled: object | null = null;

/** Memories of past searches: WebAssembly's shrink never, and are freed late. */
const spare: ScoreMemory[] = [];
/** Larger ones are not kept. */
const mostKept = 2 ** 28;

/** Whether the memory may serve another search. */
export function isKept({ shared }: ScoreMemory): boolean {
  return shared.memory.buffer.byteLength <= mostKept;
}

/** Does the work in a memory that is its own while it lasts. No view of it may outlast the work. */
export function inScoreMemory<T>(work: (memory: ScoreMemory) => T): T {
  const memory = spare.pop() ?? scoreMemory();
  const result = work(memory);
  // Not where the work threw: another thread may still be writing there.
  if (isKept(memory)) {
    clear(memory);
    spare.push(memory);
  }
  return result;
}

/** Fresh memory. Throws RangeError where more than 4 GiB are reserved. */
export function scoreMemory(): ScoreMemory {
  compiled ??= new WebAssembly.Module(
    readFileSync(join(projectRoot(), "lib", "dist", "retrieval", "scores", "scores.wasm")),
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
  const joined = joinScoreMemory({ module: compiled, memory });
  clear(joined);
  return joined;
}

function clear(memory: ScoreMemory): void {
  const [free, first] = freeCell(memory);
  Atomics.store(free, 0, first);
}

/** The memory of a search that another thread has begun. */
export function joinScoreMemory(shared: SharedScores): ScoreMemory {
  const { module, memory } = shared;
  const routines = new WebAssembly.Instance(module, { env: { memory } }).exports as ScoreRoutines;
  const joined: ScoreMemory = {
    routines,
    shared,
    reserve: (count) => {
      const units = Math.ceil((4 * count) / tensorAlignment) + 1;
      const start = Atomics.add(freeCell(joined)[0], 0, units);
      for (let end = tensorAlignment * (start + units); end > memory.buffer.byteLength; )
        memory.grow(Math.ceil((end - memory.buffer.byteLength) / pageBytes));
      return tensorAlignment * start;
    },
    floats: (address, count) => new Float32Array(memory.buffer, address, count),
    doubles: (address, count) => new Float64Array(memory.buffer, address, count),
    integers: (address, count) => new Int32Array(memory.buffer, address, count),
  };
  return joined;
}

/** Where the memory counts what is taken, in units of `alignment`, and the first unit behind that. */
function freeCell({ routines, integers }: Pick<ScoreMemory, "routines" | "integers">): readonly [Int32Array, number] {
  const unit = Math.ceil(routines.base() / tensorAlignment);
  return [integers(tensorAlignment * unit, 1), unit + 1];
}
