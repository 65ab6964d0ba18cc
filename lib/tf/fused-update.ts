import type { OpAttribute } from "./backend";
import type { tf } from "./tensorflow";

/** An update of variables by one op of TensorFlow, which a graph makes in place. */
export interface FusedUpdate {
  /** Takes the variables first, then the other inputs. */
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly variables: readonly tf.Tensor[];
  readonly others: readonly tf.Tensor[];
  /** The variables' new values by pure ops, where no graph is recorded: ops by themselves have no variables. */
  readonly composed: () => readonly tf.Tensor[];
}

/** Takes an update into a graph: stand-ins for the new values, or null where one of its variables is none of the graph's. */
type UpdateTaker = (update: FusedUpdate) => readonly tf.Tensor[] | null;

let taker: UpdateTaker | null = null;

/** The new values of an update's variables, in their order. */
export function fusedUpdate(update: FusedUpdate): readonly tf.Tensor[] {
  return taker?.(update) ?? update.composed();
}

/** Gives updates to `take` while `work` runs. */
export function takingUpdates(take: UpdateTaker, work: () => void): void {
  taker = take;
  try {
    work();
  } finally {
    taker = null;
  }
}
