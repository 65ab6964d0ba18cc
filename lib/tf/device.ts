import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { firstGpu, type Gpu, gpuWords } from "./gpu";
import { tf } from "./tensorflow";

/** TensorFlow's version and the device it computes on: the GPU's name, or the processor's. */
export function device(): { readonly tensorflow: string; readonly device: string } {
  const { binding } = tf.backend() as unknown as { readonly binding: { readonly TF_Version: string } };
  return {
    tensorflow: binding.TF_Version,
    device: isUsingGpu() ? gpuWords(ownGpu(), process.env.NVIDIA_TF32_OVERRIDE) : (cpus()[0]?.model ?? "CPU"),
  };
}

function isUsingGpu(): boolean {
  return (tf.backend() as unknown as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
}

/** The GPU that TensorFlow takes: the first that it may see. */
function ownGpu(): Gpu {
  return firstGpu({ visible: process.env.CUDA_VISIBLE_DEVICES });
}

/** What is known of a device: a GPU's compute capability, or what Linux tells of a processor. */
type DeviceFacts = { readonly capability: string } | { readonly cpuinfo: string };

function ownFacts(): DeviceFacts {
  return isUsingGpu()
    ? { capability: ownGpu().capability ?? "an unknown one" }
    : { cpuinfo: readFileSync("/proc/cpuinfo", "utf8") };
}

/**
 * What a device, by default this one, lacks to compute in bfloat16 at full speed, in words; null if
 * it lacks nothing. The tensor cores of NVIDIA's GPUs take bfloat16 since compute capability 8.0.
 */
export function bfloat16Lack(facts: DeviceFacts = ownFacts()): string | null {
  if ("capability" in facts) {
    const { capability } = facts;
    return Number.parseFloat(capability) >= 8 ? null : `compute capability 8.0 (this GPU has ${capability.trim()})`;
  }
  const flags = /^flags\s*:(.*)$/m.exec(facts.cpuinfo)?.[1]?.split(" ") ?? [];
  return units.some((unit) => flags.includes(unit)) ? null : `one of the processor flags ${units.join(", ")}`;
}

const units = ["avx512_bf16", "amx_bf16"] as const;

const size = 2048;
const seconds = 1;

/**
 * Multiply-adds per second of this device in products of large matrices, an upper bound for
 * networks. Measured for a second, after one product to warm up.
 */
export function multiplicationsPerSecond(): number {
  const [left, right] = [tf.ones([size, size]), tf.ones([size, size])];
  const multiply = (): void => {
    const product = tf.matMul(left, right);
    // Reading one value waits for the device.
    tf.tidy(() => product.slice([0, 0], [1, 1]).dataSync());
    product.dispose();
  };
  multiply();
  const start = performance.now();
  let products = 0;
  for (; performance.now() - start < 1000 * seconds; products++) multiply();
  const elapsed = (performance.now() - start) / 1000;
  tf.dispose([left, right]);
  return (products * size ** 3) / elapsed;
}
