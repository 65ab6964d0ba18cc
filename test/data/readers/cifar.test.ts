import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { cifar, parseCifar } from "../../../lib/data/readers/cifar";
import { classesOf } from "../../../lib/data/splits/class-selection";
import { temporaryFolder } from "../../temporary-folder";

/** Random records; the class of record i is i modulo classes, its coarse label, where there is one, 255. */
function records(images: number, labelBytes: 1 | 2, classes: number): Buffer {
  const stream = random(3, "cifar");
  const bytes = Buffer.from(Uint8Array.from({ length: images * (labelBytes + 3072) }, () => stream.integer(256)));
  for (let i = 0; i < images; i++) {
    const at = i * (labelBytes + 3072);
    if (labelBytes === 2) bytes[at] = 255;
    bytes[at + labelBytes - 1] = i % classes;
  }
  return bytes;
}

describe("parseCifar", () => {
  it.each([1, 2] as const)(
    "reads records of %i label bytes: the last is the class, planes become pixels",
    (labelBytes) => {
      const bytes = records(3, labelBytes, 2);
      const { labels, values } = parseCifar("x.bin", bytes, { labelBytes, classes: 10, images: 3 });
      expect([...labels]).toEqual([0, 1, 0]);
      for (const [image, y, x, c] of [
        [0, 0, 0, 0],
        [1, 31, 2, 1],
        [2, 17, 31, 2],
      ] as const) {
        const plane = image * (labelBytes + 3072) + labelBytes + c * 1024 + y * 32 + x;
        expect(values[((image * 32 + y) * 32 + x) * 3 + c]).toBe(bytes[plane]);
      }
    },
  );

  it("refuses cut, long and foreign files by name", () => {
    const layout = { labelBytes: 2, classes: 100, images: 3 } as const;
    const bytes = records(3, 2, 100);
    for (const wrong of [bytes.subarray(0, -1), bytes.subarray(0, 2 * 3074), Buffer.concat([bytes, bytes])]) {
      expect(() => parseCifar("a/train.bin", wrong, layout)).toThrow(
        `a/train.bin is cut or no CIFAR file: it has ${wrong.length} bytes instead of 9222`,
      );
    }
    bytes[3074 + 1] = 100;
    expect(() => parseCifar("a/train.bin", bytes, layout)).toThrow("image 1 has label 100, 0 to 99 are allowed");
  });
});

describe("cifar", () => {
  it("reads the published files; the first half of CIFAR-100 by names as text is labels 0-5 and 10-53", async () => {
    const folder = temporaryFolder();
    const one = records(1, 2, 100);
    const many = (count: number): Buffer => {
      const bytes = Buffer.alloc(count * 3074, one);
      for (let i = 0; i < count; i++) bytes[i * 3074 + 1] = i % 100;
      return bytes;
    };
    writeFileSync(join(folder, "train.bin"), many(50_000));
    writeFileSync(join(folder, "test.bin"), many(10_000));
    const { train, test } = await cifar({ name: "cifar-100", side: 224, folder });
    expect([train.labels.length, test.labels.length, train.labels[101]]).toEqual([50_000, 10_000, 1]);
    const half = classesOf({ fraction: 0.5, shuffle: null }, train.classNames);
    expect([...half]).toEqual([0, 1, 2, 3, 4, 5, ...Array.from({ length: 44 }, (_, i) => i + 10)]);
    expect(train.shape).toEqual([224, 224, 3]);
    expect(await train.load(Int32Array.of(4, 0))).toHaveLength(2 * 224 * 224 * 3);
  });

  it("names the file that has another length, before it is read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "train.bin"), Buffer.alloc(3074));
    await expect(cifar({ name: "cifar-100", side: 32, folder })).rejects.toThrow(
      "train.bin is cut or no CIFAR file: it has 3074 bytes instead of 153700000 for 50000 images",
    );
    await expect(cifar({ name: "cifar-10", side: 32, folder })).rejects.toThrow("data_batch_");
    await expect(cifar({ name: "cifar-10", side: 64 as 32, folder })).rejects.toThrow("side 64: 32 and 224");
  });
});
