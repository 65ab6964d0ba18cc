import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { random } from "../../../lib/core/random";
import { cifar } from "../../../lib/data/readers/cifar";
import { classesOf } from "../../../lib/data/splits/class-selection";
import { contentHash } from "../../../lib/data/splits/content-hash";
import { temporaryFolder } from "../../temporary-folder";

const stream = random(3, "cifar");
const planes = Uint8Array.from({ length: 7 * 3072 }, () => stream.integer(256));

/** A binary file: record i has class i modulo classes, 255 as its coarse label, if it has one, and one of seven random images. */
function records(images: number, labelBytes: 1 | 2, classes: number): Buffer {
  const bytes = Buffer.alloc(images * (labelBytes + 3072), 255);
  for (let i = 0; i < images; i++) {
    const at = i * (labelBytes + 3072) + labelBytes;
    bytes[at - 1] = i % classes;
    bytes.set(planes.subarray((i % 7) * 3072, ((i % 7) + 1) * 3072), at);
  }
  return bytes;
}

/** Image i of a file as pixels. */
function pixelsOf(i: number): Uint8Array {
  const image = planes.subarray((i % 7) * 3072, ((i % 7) + 1) * 3072);
  return Uint8Array.from({ length: 3072 }, (_, at) => image[(at % 3) * 1024 + Math.floor(at / 3)] ?? 0);
}

/** CIFAR-100 with its training records in another order. */
function shuffledCopy(folder: string): string {
  const copy = temporaryFolder();
  const bytes = readFileSync(join(folder, "train.bin"));
  const order = stream.permutation(50_000);
  writeFileSync(
    join(copy, "train.bin"),
    Buffer.concat([...order].map((i) => bytes.subarray(3074 * i, 3074 * (i + 1)))),
  );
  copyFileSync(join(folder, "test.bin"), join(copy, "test.bin"));
  return copy;
}

describe("cifar", () => {
  it("reads CIFAR-100: the second label is the class; the first half by names as text is labels 0-5 and 10-53", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "train.bin"), records(50_000, 2, 100));
    writeFileSync(join(folder, "test.bin"), records(10_000, 2, 100));
    const { train, test } = await cifar({ name: "cifar-100", side: 32, folder });
    expect([train.labels.length, test.labels.length]).toEqual([50_000, 10_000]);
    expect(train.labels).toEqual(Int32Array.from({ length: 50_000 }, (_, i) => Math.floor(i / 500)));
    // Image i of a file has class i modulo 100; the images of a class are sorted by hash.
    const third = Array.from({ length: 500 }, (_, i) => pixelsOf(100 * i + 3)).sort((a, b) =>
      sha256(a) < sha256(b) ? -1 : 1,
    );
    for (const index of [0, 5, 499]) expect(await train.pixels(1500 + index)).toEqual(third[index]);
    const half = classesOf({ fraction: 0.5, shuffle: null }, train.classNames);
    expect([...half]).toEqual([0, 1, 2, 3, 4, 5, ...Array.from({ length: 44 }, (_, i) => i + 10)]);

    expect(train.titles).toBeUndefined();
    const titles = Array.from({ length: 100 }, (_, label) => `kind_${label}`);
    writeFileSync(join(folder, "fine_label_names.txt"), `${titles.join("\n")}\n`);
    const large = await cifar({ name: "cifar-100", side: 224, folder });
    expect([large.test.titles?.[99], large.test.classNames[99]]).toEqual(["kind 99", "99"]);
    expect(large.train.shape).toEqual([224, 224, 3]);
    expect(await large.train.load(Int32Array.of(4, 0))).toHaveLength(2 * 224 * 224 * 3);
    expect(await contentHash(large)).toEqual(await contentHash({ train, test }));

    const shuffled = await cifar({ name: "cifar-100", side: 32, folder: shuffledCopy(folder) });
    expect(shuffled.train.labels).toEqual(train.labels);
    const some = stream.permutation(50_000).slice(0, 200);
    expect(await shuffled.train.load(some)).toEqual(await train.load(some));

    const wrong = records(10_000, 2, 100);
    wrong[3074 + 1] = 100;
    writeFileSync(join(folder, "test.bin"), wrong);
    await expect(cifar({ name: "cifar-100", side: 32, folder })).rejects.toThrow(
      /test\.bin, image 1: has label 100: 0 to 99 are allowed$/,
    );
  });

  it("reads CIFAR-10 batch after batch", async () => {
    const folder = temporaryFolder();
    for (const batch of [1, 2, 3, 4, 5])
      writeFileSync(join(folder, `data_batch_${batch}.bin`), records(10_000, 1, 2 * batch));
    writeFileSync(join(folder, "test_batch.bin"), records(10_000, 1, 10));
    const { train, test } = await cifar({ name: "cifar-10", side: 32, folder });
    expect([train.labels.length, test.labels.length]).toEqual([50_000, 10_000]);
    expect([9, 10_003, 20_005, 49_999].map((index) => train.labels[index])).toEqual([1, 3, 5, 9]);
    for (const index of [3, 20_005]) expect(await train.pixels(index)).toEqual(pixelsOf(index % 10_000));

    const wrong = records(10_000, 1, 10);
    wrong[3073] = 10;
    writeFileSync(join(folder, "data_batch_2.bin"), wrong);
    await expect(cifar({ name: "cifar-10", side: 32, folder })).rejects.toThrow(
      /data_batch_2\.bin, image 1: has label 10: 0 to 9 are allowed$/,
    );
  });

  it("names the file that has another length, before it is read", async () => {
    const folder = temporaryFolder();
    for (const bytes of [3074, 153_700_001]) {
      writeFileSync(join(folder, "train.bin"), Buffer.alloc(bytes));
      await expect(cifar({ name: "cifar-100", side: 32, folder })).rejects.toThrow(
        `train.bin: is cut or foreign: it has ${bytes} bytes instead of 153700000 for 50000 images`,
      );
    }
    await expect(cifar({ name: "cifar-10", side: 32, folder })).rejects.toThrow("data_batch_");
    await expect(cifar({ name: "cifar-10", side: 64 as 32, folder })).rejects.toThrow(/^side .*32, 224, got 64$/);
  });
});
