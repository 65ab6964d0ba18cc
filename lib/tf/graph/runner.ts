import { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import { type Captured, capture } from "./capture";
import type { Precision } from "./precision";
import { NotCapturable } from "./recording";
import type { PureStep } from "./trace";

/*
 * Why was a step not captured? A runner's `notCaptured()` says it, in the words of the first
 * refusal:
 *
 *   a value is read: the result of <op>, or that of the state or of an input
 *   the shape of <op>'s result depends on values
 *   <op> has an input that is not a tensor, or an attribute of unknown kind
 *   a tensor of <type> cannot be captured
 *   the state was <names> and becomes <names>, or one of its tensors changes shape or type
 *   otherwise: TensorFlow's own words about a graph that it does not load
 *
 * Whoever runs steps passes the reason on; there is no other fallback. How a step becomes a graph
 * is told in tf/hooks.ts.
 */

/** A step with its state, run as a graph if that is possible. */
export interface Runner extends Captured {
  /** Why the step runs op by op; null as long as it runs as a graph, and before the first step. */
  readonly notCaptured: () => string | null;
}

/**
 * Runs `step` from a copy of `state` on as a graph. Once the graph is refused, for any shapes of
 * inputs, all further steps run op by op, in float32, from the state as it then is.
 */
export function runner(step: PureStep, state: Tensors, precision: Precision = "float32"): Runner {
  let reason: string | null = null;
  let current = capture(step, state, precision);
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
    awaits: (inputs) => current.awaits(inputs),
    state: () => current.state(),
    dispose: () => current.dispose(),
    notCaptured: () => reason,
  };
}

/** The same without a graph; `state` becomes its own. */
function opByOp(step: PureStep, state: Tensors): Captured {
  let current = outliving(state);
  return {
    step: (inputs) => {
      const { next, output } = tf.tidy(() => {
        const made = step(current, inputs);
        // The caller disposes of the output, which may be part of the state.
        return { next: made.state, output: made.output.clone() };
      });
      const kept = new Set(Object.values(next));
      tf.dispose(Object.values(current).filter((tensor) => !kept.has(tensor)));
      current = outliving(next);
      return output;
    },
    awaits: () => {},
    state: () => Object.fromEntries(Object.entries(current).map(([name, tensor]) => [name, tensor.clone()])),
    dispose: () => tf.dispose({ ...current }),
  };
}

/** The state, which outlives a tf.tidy around the call, as variables do. */
function outliving(state: Tensors): Tensors {
  for (const tensor of Object.values(state)) tf.keep(tensor);
  return state;
}
