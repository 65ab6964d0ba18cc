import { type Request, request, type Step, type StepContext } from "../../../lib/core/artifacts/step";
import type { Artifact } from "../../../lib/core/artifacts/store";

/** A sum of numbers: leaves are numbers, and every inner sum is a piece of work of its own. */
export type Sum = number | readonly Sum[];

export interface SumOptions {
  readonly kind?: string;
  readonly version?: number;
  readonly ran?: (value: Sum, context: StepContext) => void;
}

export function sumStep({ kind = "sum", version = 1, ran = () => {} }: SumOptions = {}): Step<Sum> {
  const step: Step<Sum> = {
    kind,
    version,
    inputs: (value) => (typeof value === "number" ? [] : value.map((part) => request(step, part))),
    label: (value) => `sum of ${JSON.stringify(value)}`,
    cost: () => 1,
    run: async (value, inputs, context) => {
      ran(value, context);
      return typeof value === "number"
        ? artifactOf(value)
        : artifactOf(inputs.map(numberIn).reduce((a, b) => a + b, 0));
    },
  };
  return step;
}

export function artifactOf(value: number): Artifact {
  return { arrays: { value: { shape: [], data: Float32Array.of(value) } }, facts: { value } };
}

export function numberIn({ arrays }: Artifact): number {
  return arrays.value?.data[0] ?? Number.NaN;
}

export const labels = (requests: readonly Request[]): readonly string[] => requests.map(({ label }) => label);
