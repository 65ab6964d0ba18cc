import { expect, test } from "vitest";
import { fromHalves, toHalves } from "../../../lib/core/encoding/half";
import { random } from "../../../lib/core/random";

const every = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** How many of the ascending values are at most `bound`. */
function countUpTo(ascending: Float32Array, bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

test("every half survives the way to a float and back", () => {
  const back = toHalves(fromHalves(every));
  const changed = every.filter((bits) => back[bits] !== bits && !Number.isNaN(fromHalves(Uint16Array.of(bits))[0]));
  expect([...changed]).toEqual([]);
});

test("a float becomes the nearest half, of two equally near ones the even one", () => {
  const halves = fromHalves(every.subarray(0, 0x7c00));
  expect(halves.every((half, i) => i === 0 || half > (halves[i - 1] as number))).toBe(true);
  const draws = random(0, "halves");
  const floats = Float32Array.from({ length: 5000 }, () => draws.normal() * 2 ** Math.floor(draws.uniform() * 40 - 26));
  const found = fromHalves(toHalves(floats));
  for (const [i, value] of floats.entries()) {
    const size = Math.abs(value);
    // The halves ascend, so that the nearest one is at or beside the place of the value.
    const place = countUpTo(halves, size);
    const near = halves.subarray(Math.max(0, place - 2), place + 2);
    const nearest = near.reduce((best, half) => (Math.abs(half - size) < Math.abs(best - size) ? half : best));
    expect(Math.abs(found[i] ?? Number.NaN)).toBe(nearest);
  }
  expect([...toHalves(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25))]).toEqual([
    0x3c00, 0x3c02, 0, 2,
  ]);
});

test("what is too large is infinite, and signs stay", () => {
  expect([...toHalves(Float32Array.of(65519, 65520, 1e30, -1e30, -0, Number.NaN))]).toEqual([
    0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x8000, 0x7e00,
  ]);
});
