import { describe, expect, it } from "vitest";
import { brokenImages } from "../../../lib/data/readers/read-images";

describe("brokenImages", () => {
  it("leaves out up to one in a thousand and names them", () => {
    const broken = brokenImages(2000);
    expect(broken.summary()).toBeNull();
    broken.report("a.jpg", new Error("cut"));
    broken.report("b.jpg", "odd");
    expect(broken.summary()).toBe("2 of 2000 images are broken and left out: a.jpg (cut), b.jpg (odd)");
  });

  it("stops the run beyond that, naming the files", () => {
    const broken = brokenImages(2999);
    broken.report("a.jpg", new Error("cut"));
    broken.report("b.jpg", new Error("cut"));
    expect(() => broken.report("c.jpg", new Error("empty"))).toThrow(
      "3 of 2999 images are broken, at most one in a thousand is allowed: a.jpg (cut), b.jpg (cut), c.jpg (empty)",
    );
  });

  it("stops a small dataset at its first broken image", () => {
    expect(() => brokenImages(999).report("a.jpg", new Error("cut"))).toThrow("1 of 999 images are broken");
    brokenImages(1000).report("a.jpg", new Error("cut"));
  });

  it("names ten and counts the rest", () => {
    const broken = brokenImages(20_000);
    for (let i = 0; i < 12; i++) broken.report(`${i}.jpg`, new Error("cut"));
    expect(broken.summary()).toMatch(/^12 of 20000 .*, 9\.jpg \(cut\) and 2 more$/);
  });

  it("refuses a number of images that is none", () => {
    for (const total of [0, -1, 1.5, Number.NaN]) {
      expect(() => brokenImages(total)).toThrow(new RegExp(`^number of images: .*at least 1, got ${total}$`));
    }
  });
});
