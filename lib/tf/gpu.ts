import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What is known of a GPU. */
export interface Gpu {
  readonly name: string;
  /** Its compute capability, such as "9.0"; null if nothing tells it. */
  readonly capability: string | null;
}

/** Where GPUs are asked for; tests put other machines in their place. */
interface GpuPlaces {
  /** CUDA_VISIBLE_DEVICES: the numbers or names of the GPUs that this process may use. */
  readonly visible?: string | undefined;
  readonly program?: string;
  /** Where the driver tells of its GPUs. */
  readonly driver?: string;
}

/**
 * The first GPU that this process may use, by nvidia-smi or, where a container lacks that program,
 * by the driver's own files. Never throws: a run must not end for a name.
 */
export function firstGpu({
  visible,
  program = "nvidia-smi",
  driver = "/proc/driver/nvidia/gpus",
}: GpuPlaces = {}): Gpu {
  const [first = ""] = (visible ?? "").split(",");
  const chosen = first.trim() === "" ? [] : [`--id=${first.trim()}`];
  const query = ["--query-gpu=name,compute_cap", "--format=csv,noheader"];
  const said = answerOf(program, [...chosen, ...query]) ?? answerOf(program, query);
  const [, name, capability = null] = /^(.*?)(?:, *(\d+\.\d+))?$/m.exec(said ?? "") ?? [];
  return { name: name || driverSays(driver) || "an NVIDIA GPU of unknown name", capability };
}

function answerOf(program: string, words: readonly string[]): string | null {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || null;
  } catch {
    return null;
  }
}

function driverSays(folder: string): string | null {
  try {
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name, "information"), "utf8"));
    return /^Model:\s*(.+)$/m.exec(texts.join("\n"))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Tensor cores multiply 32-bit floats as TF32 since this compute capability. */
const firstWithTf32 = 8;

/**
 * The GPU's name, and whether matrix products and convolutions cut their factors to TF32's 11
 * significant bits, as TensorFlow lets them unless NVIDIA_TF32_OVERRIDE is 0, here `override`.
 */
export function gpuWords({ name, capability }: Gpu, override: string | undefined): string {
  if (capability === null) return `${name} (TF32 where it has it)`;
  if (Number.parseFloat(capability) < firstWithTf32) return `${name} (no TF32: compute capability ${capability})`;
  return override === "0" ? `${name} (TF32 off: NVIDIA_TF32_OVERRIDE=0)` : `${name} (TF32)`;
}
