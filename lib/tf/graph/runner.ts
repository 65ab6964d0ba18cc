import { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import { type Captured, capture } from "./capture";
import { NotCapturable } from "./recording";
import type { PureStep } from "./trace";

/** A step with its state, as a graph where that is possible. */
export interface Runner extends Captured {
  /** Why the step runs op by op; null where it does not. */
  readonly notCaptured: () => string | null;
}

/** Runs `step` from `state` on as a graph; once that is refused, op by op. The values of `state` are taken over. */
export function runner(step: PureStep, state: Tensors): Runner {
  let reason: string | null = null;
  let current = capture(step, state);
  return {
    step: (inputs) => {
      try {
        return current.step(inputs);
      } catch (error) {
        if (!(error instanceof NotCapturable)) throw error;
        reason = error.message;
        const captured = current;
        current = opByOp(step, captured.state());
        captured.dispose();
        return current.step(inputs);
      }
    },
    state: () => current.state(),
    dispose: () => current.dispose(),
    notCaptured: () => reason,
  };
}

/** The same without a graph; `state` becomes its own. */
function opByOp(step: PureStep, state: Tensors): Captured {
  let current = state;
  return {
    step: (inputs) => {
      const { state: next, output } = tf.tidy(() => step(current, inputs));
      const kept = new Set(Object.values(next));
      tf.dispose(Object.values(current).filter((tensor) => !kept.has(tensor)));
      current = next;
      return output;
    },
    state: () => Object.fromEntries(Object.entries(current).map(([name, tensor]) => [name, tensor.clone()])),
    dispose: () => tf.dispose({ ...current }),
  };
}
