import { tensorAlignment } from "../../../core/alignment";

/** What engine/simd exports. Arguments are whole numbers but for bounds, slopes and slacks. */
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
  /** A WebAssembly.Module: engine/simd, compiled. */
  readonly module: object;
  /** A shared WebAssembly.Memory. */
  readonly memory: SharedMemory;
}

interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/**
 * The memory of one search: TensorFlow writes scores to it, engine/simd reads them, and all threads
 * share it. Addresses are in bytes.
 */
export interface ScoreMemory {
  readonly routines: ScoreRoutines;
  readonly shared: SharedScores;
  /**
   * The address of fresh room for `count` numbers of 32 bits, aligned for TensorFlow, and 64 spare
   * bytes behind them. No other thread is given the same room.
   */
  readonly reserve: (count: number) => number;
  readonly floats: (address: number, count: number) => Float32Array;
  readonly doubles: (address: number, count: number) => Float64Array;
  readonly integers: (address: number, count: number) => Int32Array;
}

/** The lowest 32-bit score. Only what is removed from a row is lower: its score is -infinity. */
export const lowestScore = -3.4e38;

const pageBytes = 2 ** 16;
/** 4 GiB, the maximum that engine/simd is compiled for. */
const mostPages = 2 ** 16;

/** The part of the JavaScript API that is used here; Node's own types leave it out. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };

/** Compiles the WebAssembly of engine/simd. */
export function compileRoutines(bytes: Uint8Array): object {
  return new WebAssembly.Module(bytes);
}

/** Fresh memory for compiled routines. `reserve` throws RangeError beyond 4 GiB. */
export function newScoreMemory(module: object): ScoreMemory {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
  const joined = joinScoreMemory({ module, memory });
  clearScoreMemory(joined);
  return joined;
}

/** Makes all room free again. */
export function clearScoreMemory(memory: ScoreMemory): void {
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

/**
 * The number that counts the taken units of `tensorAlignment` bytes, and the first unit behind it.
 */
function freeCell({ routines, integers }: Pick<ScoreMemory, "routines" | "integers">): readonly [Int32Array, number] {
  const unit = Math.ceil(routines.base() / tensorAlignment);
  return [integers(tensorAlignment * unit, 1), unit + 1];
}
