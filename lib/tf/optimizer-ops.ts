import { nativeBackend, type OpAttribute } from "./backend";
import { fusedUpdate } from "./hooks";
import { tf } from "./tensorflow";

/**
 * Momentum: velocity <- momentum velocity + gradient; weight <- weight - rate velocity. Returns the
 * new weight and velocity.
 */
export function momentumUpdate(given: {
  readonly weight: tf.Tensor;
  readonly velocity: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly momentum: tf.Scalar;
  readonly rate: tf.Scalar;
}): readonly [tf.Tensor, tf.Tensor] {
  const { weight, velocity, gradient, momentum, rate } = given;
  return fusedUpdate({
    op: "ResourceApplyMomentum",
    attributes: attributes(),
    variables: [weight, velocity],
    others: [rate, gradient, momentum],
    composed: () => {
      const moved = tf.add(tf.mul(velocity, momentum), gradient);
      return [tf.sub(weight, tf.mul(moved, rate)), moved];
    },
  }) as readonly [tf.Tensor, tf.Tensor];
}

/**
 * Adam: mean and square move towards the gradient and its square by 1 - beta; weight <- weight -
 * rate mean / (sqrt(square) + epsilon). Rate and epsilon contain the bias correction. Returns the
 * new weight, mean and square.
 */
export function adamUpdate(given: {
  readonly weight: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly square: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly beta1: tf.Scalar;
  readonly beta2: tf.Scalar;
  readonly rate: tf.Tensor;
  readonly epsilon: tf.Tensor;
}): readonly [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { weight, mean, square, gradient, beta1, beta2, rate, epsilon } = given;
  // The op's own correction is by powers of the betas; powers of 0 make it correct nothing.
  const corrected = tf.scalar(0);
  return fusedUpdate({
    op: "ResourceApplyAdam",
    attributes: attributes(),
    variables: [weight, mean, square],
    others: [corrected, corrected, rate, beta1, beta2, epsilon, gradient],
    composed: () => {
      const towards = (from: tf.Tensor, to: tf.Tensor, beta: tf.Scalar): tf.Tensor =>
        tf.add(from, tf.mul(tf.sub(to, from), tf.sub(1, beta)));
      const [nextMean, nextSquare] = [towards(mean, gradient, beta1), towards(square, tf.square(gradient), beta2)];
      const direction = tf.div(tf.mul(nextMean, rate), tf.add(tf.sqrt(nextSquare), epsilon));
      return [tf.sub(weight, direction), nextMean, nextSquare];
    },
  }) as readonly [tf.Tensor, tf.Tensor, tf.Tensor];
}

function attributes(): readonly OpAttribute[] {
  const { binding } = nativeBackend();
  return [
    { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: "use_locking", type: binding.TF_ATTR_BOOL, value: false },
  ];
}
