import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { toTensors } from "../../lib/nn/weights";
import type { Tensors } from "../../lib/tf/tensors";

/**
 * The parsed contents of a file of golden vectors beside this one; test/oracles/recompute_goldens.py
 * recomputes them with PyTorch.
 */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, `${name}.golden.json`), "utf8")) as T;
}

/** The golden values by name, in the shapes of `like`, which must have the same names. */
export function goldenWeights(like: NamedArrays, values: Readonly<Record<string, readonly number[]>>): Tensors {
  const names = (named: object): string => Object.keys(named).sort().join();
  if (names(like) !== names(values)) throw new Error(`golden weights are ${names(values)}, wanted ${names(like)}`);
  const entries = Object.entries(like).map(([name, { shape, data }]) => {
    const golden = Float32Array.from(values[name] ?? []);
    if (golden.length !== data.length) throw new Error(`${name} has ${golden.length} golden values of ${data.length}`);
    return [name, { shape, data: golden }] as const;
  });
  return toTensors(Object.fromEntries(entries));
}
