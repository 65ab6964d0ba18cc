import type { NamedArrays } from "../core/named-arrays";
import { evaluation, type Pass } from "../nn/pass";
import { toTensors } from "../nn/weights";
import type { Precision } from "../tf/graph/precision";
import { runner } from "../tf/graph/runner";
import { tf } from "../tf/tensorflow";
import type { Tensors } from "../tf/tensors";

/** A network in evaluation mode, with its weights. */
interface Forward {
  /** The network's output for a batch, row-major. */
  readonly map: (batch: NamedArrays) => Float32Array;
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
  const tensors = toTensors(weights);
  const running = runner((state, batch) => ({ state, output: network(evaluation(state), batch) }), tensors, precision);
  tf.dispose({ ...tensors });
  return {
    map: (arrays) => {
      const batch = toTensors(arrays);
      const output = running.step(batch);
      tf.dispose({ ...batch });
      const values = output.dataSync() as Float32Array;
      output.dispose();
      return values;
    },
    notCaptured: running.notCaptured,
    dispose: running.dispose,
  };
}
