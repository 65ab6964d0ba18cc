import { tf } from "./tensorflow";

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
