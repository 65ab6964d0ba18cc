import { tf } from "./tensorflow";

/** Tensors by name: weights, gradients, optimizer slots, a batch, a whole training state. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The tensor called `name`. Throws an Error that names it and lists those there are. */
export function tensorNamed<T extends tf.Tensor = tf.Tensor>(tensors: Tensors, name: string): T {
  const tensor = tensors[name];
  if (tensor === undefined)
    throw new Error(`no tensor is called ${name}; there are ${Object.keys(tensors).join(", ") || "none"}`);
  return tensor as T;
}

/**
 * The value of `loss()`, a scalar, and its gradient by each of the weights; the gradient by a
 * weight that the loss does not depend on is zeros. If `loss` throws, what it kept is freed.
 */
export function valueAndGradients(
  weights: Tensors,
  loss: () => tf.Scalar,
): { readonly value: tf.Scalar; readonly gradients: Tensors } {
  const names = Object.keys(weights);
  const { value, grads } = orFreed(() =>
    tf.engine().gradients(
      loss,
      names.map((name) => tensorNamed(weights, name)),
      undefined,
      true,
    ),
  );
  const gradients = names.map((name, i) => [name, grads[i] ?? tf.zerosLike(tensorNamed(weights, name))] as const);
  return { value: value as tf.Scalar, gradients: Object.fromEntries(gradients) };
}

/** What `differentiate` gives; frees what its ops kept for their gradients if it throws. */
function orFreed<T>(differentiate: () => T): T {
  try {
    return differentiate();
  } catch (error) {
    for (const { saved } of tf.engine().state.activeTape ?? []) tf.dispose(saved ?? []);
    throw error;
  }
}

let depth = 0;

/**
 * `work`, whose ops stay in float32 when a step of mixed precision is captured, as do those of
 * their gradients. Losses that compare directions or distances need it: what they subtract is
 * nearly equal.
 */
export function inFloat32<T>(work: () => T): T {
  const tape = tf.engine().state.activeTape ?? [];
  const before = tape.length;
  const result = marked(work);
  for (const node of tape.slice(before)) {
    const { gradient } = node;
    if (gradient === undefined) continue;
    node.gradient = (dy) => {
      const byInput = Object.entries(marked(() => gradient(dy)));
      return Object.fromEntries(byInput.map(([name, make]) => [name, () => marked(make)]));
    };
  }
  return result;
}

/** Whether the op that runs now belongs to such work. */
export function staysFloat32(): boolean {
  return depth > 0;
}

function marked<T>(work: () => T): T {
  depth += 1;
  try {
    return work();
  } finally {
    depth -= 1;
  }
}
