import { describe, expect, it } from "vitest";
import { rgbPixels } from "../../lib/report/rgb-pixels";

describe("rgbPixels", () => {
  it("maps the range of all images to 0 .. 255", () => {
    const [first, second] = rgbPixels(Float32Array.of(-1, 0, 1, 1, 0.5, -0.5), 2);
    expect([...(first ?? []), ...(second ?? [])]).toEqual([0, 128, 255, 255, 191, 64]);
  });

  it("repeats a single channel three times", () => {
    expect([...(rgbPixels(Float32Array.of(0, 2), 1, 1)[0] ?? [])]).toEqual([0, 0, 0, 255, 255, 255]);
  });

  it("stands a constant image and refuses a wrong count", () => {
    expect([...(rgbPixels(new Float32Array(3).fill(7), 1)[0] ?? [])]).toEqual([0, 0, 0]);
    expect(() => rgbPixels(new Float32Array(7), 2)).toThrow("7 values are not 2 images of 3 channels");
  });
});
