import { tf } from "./tensorflow";

/** Tensors by name: weights, gradients, optimizer slots, a whole training state. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The gradient of `loss(weights)`, a scalar, by every weight it depends on; a weight it does not depend on gets zeros. */
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

/** The tensor called `name`; throws naming it and what there is. */
export function tensorNamed<T extends tf.Tensor = tf.Tensor>(weights: Tensors, name: string): T {
  const weight = weights[name];
  if (weight === undefined)
    throw new Error(`no weight is called ${name}; there are ${Object.keys(weights).join(", ")}`);
  return weight as T;
}
