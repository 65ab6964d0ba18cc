import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/paths";
import { alignment } from "../tf/alignment";

/** What simd/scores.ts exports; every number but a bound, a slope and a slack is whole. */
export interface ScoreRoutines {
  readonly base: () => number;
  readonly keep: (...numbers: number[]) => number;
  readonly fillTable: (...numbers: number[]) => void;
  readonly count: (...numbers: number[]) => number;
  readonly nearest: (...numbers: number[]) => number;
  readonly prune: (...numbers: number[]) => number;
  readonly bound: { readonly value: number };
  readonly widen: (...numbers: number[]) => void;
  readonly measure: (...numbers: number[]) => void;
  readonly sort: (...numbers: number[]) => void;
}

/** Memory of one search, in which simd/scores.ts reads the scores that TensorFlow computed. */
export interface ScoreMemory {
  readonly routines: ScoreRoutines;
  /** The address of fresh room for `count` numbers of 32 bits, aligned for TensorFlow, and 64 bytes behind them. Voids every view. */
  readonly reserve: (count: number) => number;
  readonly floats: (address: number, count: number) => Float32Array;
  readonly doubles: (address: number, count: number) => Float64Array;
  readonly integers: (address: number, count: number) => Int32Array;
}

/** Below every score but that of what is taken out, -infinity, as 32 bits hold it. */
export const lowestScore = -3.4e38;

const pageBytes = 2 ** 16;

/** The part of the JavaScript API that is used here; Node's own types leave it out. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
let compiled: object | null = null;

/** Fresh memory. Throws RangeError where more than 4 GiB are reserved. */
export function scoreMemory(): ScoreMemory {
  compiled ??= new WebAssembly.Module(readFileSync(join(projectRoot(), "lib", "dist", "retrieval", "scores.wasm")));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const routines = exports as ScoreRoutines;
  let end = routines.base();
  return {
    routines,
    reserve: (count) => {
      const address = alignment * Math.ceil(end / alignment);
      end = address + 4 * count + 64;
      const missing = Math.ceil(end / pageBytes) - memory.buffer.byteLength / pageBytes;
      if (missing > 0) memory.grow(missing);
      return address;
    },
    floats: (address, count) => new Float32Array(memory.buffer, address, count),
    doubles: (address, count) => new Float64Array(memory.buffer, address, count),
    integers: (address, count) => new Int32Array(memory.buffer, address, count),
  };
}
