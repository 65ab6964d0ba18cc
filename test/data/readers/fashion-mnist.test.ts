import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { fashionMnist } from "../../../lib/data/readers/fashion-mnist";
import { temporaryFolder } from "../../temporary-folder";

function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length, 0);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, values]);
}

const stream = random(2, "idx");
const images = Uint8Array.from({ length: 3 * 784 }, () => stream.integer(256));

function folderWith(changed: Readonly<Record<string, Uint8Array>> = {}): string {
  const folder = temporaryFolder();
  const files: Readonly<Record<string, Uint8Array>> = {
    "train-images-idx3": idx([3, 28, 28], images),
    "train-labels-idx1": idx([3], Uint8Array.of(9, 0, 2)),
    "t10k-images-idx3": idx([1, 28, 28], images.subarray(0, 784)),
    "t10k-labels-idx1": idx([1], Uint8Array.of(4)),
    ...changed,
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, `${name}-ubyte.gz`), gzipSync(content));
  return folder;
}

describe("fashionMnist", () => {
  it("reads images as they are at 28, and in a dark border at 32", async () => {
    const folder = folderWith();
    const { train, test } = await fashionMnist({ side: 28, folder });
    expect([...train.labels, ...test.labels]).toEqual([9, 0, 2, 4]);
    expect(train.classNames[9]).toBe("ankle boot");
    expect((await train.pixels(2)).filter((_, i) => i % 3 === 1)).toEqual(images.subarray(2 * 784));
    const large = (await (await fashionMnist({ side: 32, folder })).train.pixels(2)).filter((_, i) => i % 3 === 2);
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        const inside = Math.min(x, y) >= 2 && Math.max(x, y) < 30;
        expect(large[y * 32 + x]).toBe(inside ? images[2 * 784 + (y - 2) * 28 + x - 2] : 0);
      }
    }
  });

  it("refuses files that do not belong together, by name", async () => {
    const refused = async (changed: Readonly<Record<string, Uint8Array>>): Promise<string> =>
      fashionMnist({ side: 32, folder: folderWith(changed) }).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await refused({ "train-labels-idx1": idx([2], Uint8Array.of(1, 2)) })).toMatch(/3 images and .* 2 labels/);
    expect(await refused({ "train-labels-idx1": idx([3], Uint8Array.of(1, 10, 2)) })).toMatch(/labels.*has label 10/);
    expect(await refused({ "t10k-images-idx3": idx([1, 27, 28], new Uint8Array(756)) })).toMatch(/images of 27 x 28/);
    expect(await refused({ "t10k-labels-idx1": idx([1, 1, 1], Uint8Array.of(1)) })).toMatch(/magic number 2051/);
    expect(await refused({ "t10k-labels-idx1": Buffer.alloc(48_000_000) })).toMatch(
      /t10k-labels.*at most 47040016 bytes/,
    );
    const folder = folderWith();
    writeFileSync(join(folder, "t10k-labels-idx1-ubyte.gz"), "no gzip");
    await expect(fashionMnist({ side: 32, folder })).rejects.toThrow(/t10k-labels-idx1-ubyte.gz: does not decompress/);
    await expect(fashionMnist({ side: 30 as 32, folder })).rejects.toThrow(/^side of Fashion-MNIST: .*28, 32, got 30$/);
  });
});

describe("an IDX file", () => {
  const whole = idx([2, 28, 28], images.subarray(0, 2 * 784));
  const floats = Buffer.from(whole.map((byte, i) => (i === 2 ? 0x0d : byte)));

  it.each([
    ["shorter than its header", whole.subarray(0, 11), /is not an IDX file: 11 bytes/],
    ["cut", whole.subarray(0, -1), /has 1567 values instead of the 2 x 28 x 28 it declares/],
    ["too long", Buffer.concat([whole, whole]), /has 3152 values instead of the 2 x 28 x 28/],
    ["of other values", floats, /is not an IDX file of bytes: magic number 3331 instead of 2051/],
  ])("that is %s is refused by name", async (_, content, said) => {
    const folder = folderWith({ "t10k-images-idx3": content });
    await expect(fashionMnist({ side: 28, folder })).rejects.toThrow(/t10k-images-idx3-ubyte\.gz/);
    await expect(fashionMnist({ side: 28, folder })).rejects.toThrow(said);
  });
});
