import { test } from "vitest";
import { gelu } from "../../../lib/nn/networks/transformer-blocks";
import { expectAgreement } from "../../losses/agreement";
import { weighted, weightedNumbers } from "../weighted";

/** The integral of the normal density from 0 by Simpson's rule, and a half. */
function normalDistribution(x: number): number {
  const [steps, density] = [400, (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)];
  const ordinates = Array.from({ length: steps + 1 }, (_, i) => {
    const factor = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    return factor * density((x * i) / steps);
  });
  return 0.5 + (x / steps / 3) * ordinates.reduce((total, ordinate) => total + ordinate, 0);
}

test("gelu equals x times the normal distribution function, in value and slope", () => {
  expectAgreement({
    shape: [2, 4],
    values: [-3, -1, -0.2, 0, 0.3, 1.1, 2, 4],
    loss: (x) => weighted(gelu(x)),
    twin: (x) => weightedNumbers(Array.from(x, (value) => value * normalDistribution(value))),
  });
});
