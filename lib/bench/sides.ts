import type { ComparisonSetup, ComparisonSide } from "./workloads/measurement";

/** How PyTorch is run: as written, compiled, or compiled with the weights as constants. */
export const trainingModes: readonly string[] = ["eager", "compiled"];
export const embeddingModes: readonly string[] = [...trainingModes, "frozen"];
const precisions = [
  ["float32", 32],
  ["bfloat16", 16],
] as const;

/** A workload of this library. */
export const own = (
  workload: string,
  options: ComparisonSide["options"] = {},
  name = "this library",
): ComparisonSide => ({
  name,
  runs: "node",
  workload,
  options,
});

/** Both sides in both precisions, the peer in each of the modes too. */
export function sides(
  ours: string,
  theirs: string,
  options: NonNullable<ComparisonSide["options"]>,
  modes: readonly string[],
): Pick<ComparisonSetup, "ours" | "theirs"> {
  return {
    ours: precisions.map(([name, bits]) => own(ours, { ...options, bits }, name)),
    theirs: modes.flatMap((mode) =>
      precisions.map(([name, bits]) => ({
        name: `PyTorch, ${name}${mode === "eager" ? "" : `, ${mode}`}`,
        runs: "python" as const,
        workload: theirs,
        options: { ...options, bits, mode },
      })),
    ),
  };
}
