import { createInterface } from "node:readline";
import { unexpected } from "../../core/check";
import type { Workload } from "./measurement";
import { peakBytes } from "./peak-memory";
import { workloads } from "./workloads";

// Serves rounds to lib/bench/side-process.ts: node our-side.js <workload> <options as JSON>

async function serve([name = "", options = "{}"]: readonly string[]): Promise<void> {
  const make = workloads[name];
  if (make === undefined) throw unexpected("workload", `one of ${Object.keys(workloads).join(", ")}`, name);
  const workload = await make(JSON.parse(options) as Record<string, number>);
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) if (line === "go") answer(await timed(workload));
  answer({ peakBytes: workload.peakBytes === undefined ? peakBytes() : workload.peakBytes() });
}

async function timed({ round }: Workload): Promise<object> {
  const start = performance.now();
  const { units, seconds } = await round();
  return { seconds: seconds ?? (performance.now() - start) / 1000, units };
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

serve(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
