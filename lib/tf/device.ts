import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { tf } from "./tensorflow";

/** TensorFlow's version and the device it computes on: the GPU's name, or the processor's. */
export function device(): { readonly tensorflow: string; readonly device: string } {
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as {
    readonly binding: { readonly TF_Version: string };
    readonly isUsingGpuDevice: boolean;
  };
  return { tensorflow: binding.TF_Version, device: isUsingGpuDevice ? gpuName() : (cpus()[0]?.model ?? "CPU") };
}

function gpuName(): string {
  const name = execFileSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], { encoding: "utf8" });
  return `${name.split("\n")[0]} (TF32 as TensorFlow sets it)`;
}
