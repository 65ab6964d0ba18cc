import type { NamedArrays } from "../core/named-arrays";
import { evaluation, type Pass } from "../nn/pass";
import { tensorKinds, withTensors } from "../nn/weights";
import type { Precision } from "../tf/graph/precision";
import { runner } from "../tf/graph/runner";
import type { tf } from "../tf/tensorflow";
import type { Tensors } from "../tf/tensors";

/** A network in evaluation mode, with its weights. */
interface Forward {
  /** The network's output for a batch, row-major. */
  readonly map: (batch: NamedArrays) => Float32Array;
  /** Says what batches will come, by shapes and types alone: their graphs are loaded at once. */
  readonly awaits: (batches: readonly NamedArrays[]) => void;
  /** Why the network runs op by op instead of as a graph; null if it does not, and before `map`. */
  readonly notCaptured: () => string | null;
  readonly dispose: () => void;
}

/** Makes `network` ready to map batches at a precision. */
export function forward(
  weights: NamedArrays,
  network: (pass: Pass, batch: Tensors) => tf.Tensor,
  precision?: Precision,
): Forward {
  const running = withTensors(weights, (tensors) =>
    runner((state, batch) => ({ state, output: network(evaluation(state), batch) }), tensors, precision),
  );
  return {
    map: (arrays) => {
      const output = withTensors(arrays, running.step);
      const values = output.dataSync() as Float32Array;
      output.dispose();
      return values;
    },
    awaits: (batches) => running.awaits(batches.map(tensorKinds)),
    notCaptured: running.notCaptured,
    dispose: running.dispose,
  };
}
