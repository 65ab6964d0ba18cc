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
 * weight that the loss does not depend on is zeros.
 */
export function valueAndGradients(
  weights: Tensors,
  loss: () => tf.Scalar,
): { readonly value: tf.Scalar; readonly gradients: Tensors } {
  const names = Object.keys(weights);
  const { value, grads } = tf.engine().gradients(
    loss,
    names.map((name) => tensorNamed(weights, name)),
    undefined,
    true,
  );
  const gradients = names.map((name, i) => [name, grads[i] ?? tf.zerosLike(tensorNamed(weights, name))] as const);
  return { value: value as tf.Scalar, gradients: Object.fromEntries(gradients) };
}
