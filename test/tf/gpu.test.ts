import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { firstGpu, gpuWords } from "../../lib/tf/gpu";
import { temporaryFolder } from "../temporary-folder";

/** A machine with nvidia-smi as a script, and what the driver says of its GPUs. */
function machine(script: string | null, models: readonly string[] = []): { program: string; driver: string } {
  const folder = temporaryFolder();
  const program = join(folder, "nvidia-smi");
  if (script !== null) {
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
  }
  models.forEach((model, i) => {
    const place = join(folder, "gpus", `0000:0${i}:00.0`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "information"), `Model: \t\t ${model}\nIRQ:   \t\t 24\n`);
  });
  return { program, driver: join(folder, "gpus") };
}

const several = `
  case $1 in
    --id=1) echo "NVIDIA A100-SXM4-80GB, 8.0" ;;
    --id=GPU-5) echo "Tesla T4, 7.5" ;;
    --id=*) echo "No devices were found" >&2; exit 6 ;;
    *) printf 'NVIDIA H100 80GB HBM3, 9.0\\nNVIDIA A100-SXM4-80GB, 8.0\\n' ;;
  esac`;

describe("the GPU in use", () => {
  it("is the first one, or the first of those that CUDA_VISIBLE_DEVICES names, by number or name", () => {
    const places = machine(several);
    expect(firstGpu(places)).toEqual({ name: "NVIDIA H100 80GB HBM3", capability: "9.0" });
    expect(firstGpu({ ...places, visible: "" })).toEqual(firstGpu(places));
    expect(firstGpu({ ...places, visible: "1,0" })).toEqual({ name: "NVIDIA A100-SXM4-80GB", capability: "8.0" });
    expect(firstGpu({ ...places, visible: "GPU-5" })).toEqual({ name: "Tesla T4", capability: "7.5" });
    expect(firstGpu({ ...places, visible: "MIG-77" })).toEqual(firstGpu(places));
  });

  it("is known without nvidia-smi by the driver's files, and has some name if nothing tells it", () => {
    const unknown = { name: "an NVIDIA GPU of unknown name", capability: null };
    expect(firstGpu(machine(null, ["NVIDIA L4"]))).toEqual({ name: "NVIDIA L4", capability: null });
    expect(firstGpu(machine("exit 9", ["NVIDIA L4"]))).toEqual({ name: "NVIDIA L4", capability: null });
    expect(firstGpu(machine(null))).toEqual(unknown);
    expect(firstGpu(machine("echo"))).toEqual(unknown);
  });

  it("is recorded with whether it multiplies in TF32", () => {
    const words = (capability: string | null, override?: string): string =>
      gpuWords({ name: "GPU", capability }, override);
    expect(words("9.0")).toBe("GPU (TF32)");
    expect(words("8.0", "1")).toBe("GPU (TF32)");
    expect(words("8.0", "0")).toBe("GPU (TF32 off: NVIDIA_TF32_OVERRIDE=0)");
    expect(words("7.5", "0")).toBe("GPU (no TF32: compute capability 7.5)");
    expect(words("10.0")).toBe("GPU (TF32)");
    expect(words(null)).toBe("GPU (TF32 where it has it)");
  });
});
