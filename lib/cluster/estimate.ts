import type { Request } from "../core/artifacts/step";
import { multiplicationsPerSecond } from "../tf/device";

// Networks reach this share of a device's speed in matrix products: ResNet-18 at 32 x 32 on a CPU.
const efficiency = 0.85;

/** The multiply-adds per second that networks reach on this device, measured for a second. */
export function networkRate(): number {
  return efficiency * multiplicationsPerSecond();
}

/** About how many seconds a request takes where networks reach `rate`. */
export function secondsOf({ cost, slowness }: Pick<Request, "cost" | "slowness">, rate: number): number {
  return (cost * slowness) / rate;
}
