import { afterEach, describe, expect, it, vi } from "vitest";
import { nativeBackend } from "../../../lib/tf/backend";
import { type Captured, capture } from "../../../lib/tf/graph/capture";
import { NotCapturable } from "../../../lib/tf/graph/recording";
import { tf } from "../../../lib/tf/tensorflow";
import { tensorNamed } from "../../../lib/tf/tensors";
import { stateNumbers, withBatch } from "./courses";

afterEach(() => vi.restoreAllMocks());

/** Adds the input, and a constant that makes the graph this test's own; gives the sum of before. */
function counting(start: number, own: number): Captured {
  const sum = tf.scalar(start);
  const captured = capture(
    (state, inputs) =>
      tf.tidy(() => ({
        state: { sum: tf.add(tf.add(tensorNamed(state, "sum"), tensorNamed(inputs, "x")), own) },
        output: tensorNamed(state, "sum").clone(),
      })),
    { sum },
  );
  sum.dispose();
  return captured;
}

const step = ({ step: run }: Captured, x: number): number => withBatch({ x: tf.scalar(x) }, run);

const loads = () => vi.spyOn(nativeBackend(), "loadSavedModelMetaGraph");

describe("a graph that was closed", () => {
  it("is taken again for the same ops, and begins with the new state", () => {
    const loading = loads();
    const first = counting(1, 0.125);
    expect([step(first, 2), step(first, 3)]).toEqual([1, 3.125]);
    first.dispose();
    const again = counting(50, 0.125);
    expect([step(again, 2), step(again, 3)]).toEqual([50, 52.125]);
    expect(stateNumbers(again)).toEqual({ sum: [55.25] });
    again.dispose();
    expect(loading).toHaveBeenCalledTimes(1);
  });

  it("is not taken for other ops, nor while it is in use", () => {
    const loading = loads();
    const [one, other, both] = [counting(1, 0.25), counting(1, 0.5), counting(10, 0.25)];
    expect([step(one, 1), step(other, 1), step(both, 1), step(one, 1)]).toEqual([1, 1, 10, 2.25]);
    expect(loading).toHaveBeenCalledTimes(3);
    for (const captured of [one, other, both]) captured.dispose();
  });

  it("is kept once if it is closed twice, and does not run for whoever closed it", () => {
    const first = counting(1, 0.375);
    step(first, 1);
    first.dispose();
    first.dispose();
    const [one, other] = [counting(1, 0.375), counting(10, 0.375)];
    expect([step(one, 1), step(other, 1), step(one, 1)]).toEqual([1, 10, 2.375]);
    expect(() => step(first, 1)).toThrow(/was closed and cannot run/);
    expect(stateNumbers(one)).toEqual({ sum: [3.75] });
    for (const captured of [one, other]) captured.dispose();
  });

  it("is freed at once if its state is large, and with others that wait if they are many", () => {
    const freeing = vi.spyOn(nativeBackend(), "deleteSavedModel");
    const large = tf.zeros([2 ** 24 + 1]);
    const captured = capture((state, { x }) => ({ state, output: x as tf.Tensor }), { large });
    large.dispose();
    step(captured, 1);
    freeing.mockClear();
    captured.dispose();
    expect(freeing).toHaveBeenCalledTimes(1);
    for (let own = 0; own < 70; own++) {
      const small = counting(0, own);
      step(small, 1);
      small.dispose();
    }
    expect(freeing.mock.calls.length).toBeGreaterThan(5);
  });
});

describe("inputs that are said to come", () => {
  const kind = (length: number) => ({ x: { shape: [length], type: "float32" as const } });
  const summing = (awaited: readonly number[]): { readonly captured: Captured; readonly traced: number[] } => {
    const traced: number[] = [];
    const sum = tf.scalar(1);
    const captured = capture(
      (state, inputs) =>
        tf.tidy(() => {
          const x = tensorNamed(inputs, "x");
          traced.push(x.size);
          if (x.size === 5) x.dataSync();
          return { state: { sum: tf.add(tensorNamed(state, "sum"), tf.sum(x)) }, output: tf.mul(tf.sum(x), 0.75) };
        }),
      { sum },
    );
    sum.dispose();
    captured.awaits(awaited.map(kind));
    return { captured, traced };
  };
  const run = ({ step: take }: Captured, x: readonly number[]): number => withBatch({ x: tf.tensor1d([...x]) }, take);

  it("are loaded with the first, to the same numbers as one after the other", () => {
    const loading = loads();
    const [together, apart] = [summing([2, 3]), summing([])];
    const outputs = [together, apart].map(({ captured }) => [[1, 2], [3], [1, 2, 4]].map((x) => run(captured, x)));
    expect(outputs[0]).toEqual(outputs[1]);
    expect([together, apart].map(({ captured }) => stateNumbers(captured))).toEqual([{ sum: [14] }, { sum: [14] }]);
    // Two graphs at once and a third, and three after each other.
    expect(together.traced).toEqual([2, 3, 1]);
    expect(loading).toHaveBeenCalledTimes(2 + 3);
    for (const { captured } of [together, apart]) captured.dispose();
  });

  it("are refused when they come, not before", () => {
    const { captured } = summing([5]);
    expect(run(captured, [1, 2])).toBe(2.25);
    expect(() => run(captured, [1, 2, 3, 4, 5])).toThrow(NotCapturable);
    expect(stateNumbers(captured)).toEqual({ sum: [4] });
    captured.dispose();
  });
});
