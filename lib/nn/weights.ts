import type { NamedArrays } from "../core/named-arrays";
import { tf } from "../tf/tensorflow";
import type { Tensors } from "../tf/tensors";

/** Tensors with the arrays' values; the caller disposes of them. */
export function toTensors(arrays: NamedArrays): Tensors {
  const entries = Object.entries(arrays).map(
    ([name, { shape, data }]) =>
      [name, tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32")] as const,
  );
  return Object.fromEntries(entries);
}

/** Shapes and types of those tensors; the values do not matter, nor how many there are. */
export function tensorKinds(
  arrays: NamedArrays,
): Readonly<Record<string, { readonly shape: readonly number[]; readonly type: "int32" | "float32" }>> {
  const kinds = Object.entries(arrays).map(([name, { shape, data }]) => {
    return [name, { shape, type: data instanceof Int32Array ? "int32" : "float32" }] as const;
  });
  return Object.fromEntries(kinds);
}

/** What `use` gives for tensors with the arrays' values, which are freed even if it throws. */
export function withTensors<T>(arrays: NamedArrays, use: (tensors: Tensors) => T): T {
  const tensors = toTensors(arrays);
  try {
    return use(tensors);
  } finally {
    tf.dispose({ ...tensors });
  }
}

/** The tensors' values, copied out. */
export function toArrays(tensors: Tensors): NamedArrays {
  const entries = Object.entries(tensors).map(
    ([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array | Int32Array }] as const,
  );
  return Object.fromEntries(entries);
}

/** The entries whose name begins with `prefix`, under the rest of their name. */
export function withPrefix<T>(named: Readonly<Record<string, T>>, prefix: string): Readonly<Record<string, T>> {
  const entries = Object.entries(named).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** All entries, with `prefix` before their names. */
export function prefixed<T>(named: Readonly<Record<string, T>>, prefix: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]));
}
