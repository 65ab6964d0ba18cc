import { describe, expect, test } from "vitest";
import { graphOf, request, type Step } from "../../../lib/core/artifacts/step";
import { hashOf } from "../../../lib/core/hash";
import { labels, type Sum, type SumOptions, sumStep } from "./sum-step";

describe("a key", () => {
  const key = (value: Sum, options?: SumOptions): string => request(sumStep(options), value).key;

  test("never changes silently: the whole cache depends on it", () => {
    expect(key([1, 2])).toBe("942b76df49dbc383576be2141002233a");
    expect(key(1)).toBe(hashOf(["sum", 1, 1, []]).slice(0, 32));
  });

  test("changes with the kind, the version, the value and the inputs' versions, and with nothing else", () => {
    const keys = [key([1, 2]), key([1, 2], { kind: "total" }), key([1, 2], { version: 2 }), key([2, 1]), key([1, [2]])];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key([1, 2], { ran: () => "other" })).toBe(key([1, 2]));
    const outer = (inner: SumOptions): string =>
      request({ ...sumStep(), inputs: () => [request(sumStep(inner), 1)] }, [1]).key;
    expect(outer({ version: 2 })).not.toBe(outer({ version: 1 }));
  });

  test("does not depend on the order of a value's members, or on members that are undefined", () => {
    const step: Step<{ readonly a: number; readonly b?: number | undefined }> = {
      ...(sumStep() as unknown as Step<{ readonly a: number }>),
      inputs: () => [],
    };
    expect(request(step, { b: 2, a: 1 }).key).toBe(request(step, { a: 1, b: 2 }).key);
    expect(request(step, { a: 1, b: undefined }).key).toBe(request(step, { a: 1 }).key);
  });
});

describe("the graph of work", () => {
  const wanted = request(sumStep(), [[1, 2], [[1, 2], 3], 1]);

  test("lists each piece once, inputs before what needs them", () => {
    expect(labels(graphOf([wanted, request(sumStep(), [1, 2])]))).toEqual([
      "sum of 1",
      "sum of 2",
      "sum of [1,2]",
      "sum of 3",
      "sum of [[1,2],3]",
      "sum of [[1,2],[[1,2],3],1]",
    ]);
  });
});
