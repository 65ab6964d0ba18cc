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
