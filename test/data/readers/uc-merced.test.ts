import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { sizeOf } from "../../../lib/data/dataset-size";
import { loadDataset } from "../../../lib/data/load-dataset";
import { ucMerced } from "../../../lib/data/readers/uc-merced";
import { contentHash } from "../../../lib/data/splits/content-hash";
import type { Dataset, ImageSplit } from "../../../lib/data/splits/dataset";
import { temporaryFolder } from "../../temporary-folder";
import { tarGz } from "../fetching/archives";

let dataset: Dataset;
beforeAll(async () => {
  dataset = await loadDataset({ name: "uc-merced-64px", side: 64 });
});

const digestsOf = ({ labels, pixels }: ImageSplit): Promise<string[]> =>
  Promise.all(
    Array.from(labels.keys(), async (i) => `${String(labels[i]).padStart(2, "0")} ${sha256(await pixels(i))}`),
  );

describe("the committed UC Merced", () => {
  it("has 21 classes of 80 training and 20 test images, none in both, in canonical order", async () => {
    const { train, test } = dataset;
    expect(sizeOf({ name: "uc-merced-64px", side: 64 })).toEqual({ train: 1680, test: 420 });
    expect(train.classNames).toHaveLength(21);
    expect(train.classNames).toEqual([...train.classNames].sort());
    expect(train.labels).toEqual(Int32Array.from({ length: 1680 }, (_, i) => Math.floor(i / 80)));
    expect(test.labels).toEqual(Int32Array.from({ length: 420 }, (_, i) => Math.floor(i / 20)));
    const [trained, tested] = [await digestsOf(train), await digestsOf(test)];
    for (const digests of [trained, tested]) expect(digests).toEqual([...digests].sort());
    // The published airplane01 and airplane02 are one image; both are in training.
    expect([new Set(trained).size, new Set(tested).size]).toEqual([1679, 420]);
    for (const digest of tested) expect(trained).not.toContain(digest);
  });

  it("has the pixels that it had when its results were made", async () => {
    expect(await contentHash(dataset)).toEqual({
      kind: "pixels",
      train: "1bee9292223870204ba2894b9bc5d3e196ea2c8cab76cd95c1ae1c2e0bb0b9d6",
      test: "5806cbbe7791e4cbbec61648f5d156837072b9ce10d9d996d1e2a2ce9b51c846",
    });
  });
});

const classes = ["beach", "river"];

/** An image of one colour, by class and number. */
function jpeg(label: number, image: number, side = 64): Promise<Buffer> {
  const background = { r: 100 * label, g: 20 * image, b: 7 };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

type Files = Readonly<Record<string, Buffer>>;

async function files(): Promise<Files> {
  const made = classes.flatMap((name, label) =>
    ["train", "test"].flatMap((split, part) =>
      [0, 1, 2].map(
        async (i) => [`ucmerced/${split}/${name}/${name}0${i}.jpg`, await jpeg(label, 3 * part + i)] as const,
      ),
    ),
  );
  return Object.fromEntries(await Promise.all(made));
}

/** A folder with an archive of these files, in this order, and its checksum. */
async function folderOf(content: Files): Promise<string> {
  const folder = temporaryFolder();
  const entries = Object.entries(content).map(([name, bytes]) => ({ name, content: bytes }));
  const bytes = spawnSync("xz", ["--stdout"], { input: gunzipSync(await tarGz(entries)) }).stdout;
  writeFileSync(join(folder, "ucmerced-64.tar.xz"), bytes);
  const checksum = { "ucmerced-64.tar.xz": { bytes: bytes.length, sha256: sha256(bytes) } };
  writeFileSync(join(folder, "checksums.json"), JSON.stringify(checksum));
  return folder;
}

describe("an archive of UC Merced", () => {
  it("gives the same images in any order of its files", async () => {
    const content = await files();
    const plain = await ucMerced({ folder: await folderOf(content) });
    const turned = Object.fromEntries(Object.entries(content).toReversed());
    const other = await ucMerced({ folder: await folderOf(turned) });
    for (const part of ["train", "test"] as const) {
      expect(other[part].labels).toEqual(plain[part].labels);
      const all = Int32Array.from(plain[part].labels.keys());
      expect(await other[part].load(all)).toEqual(await plain[part].load(all));
    }
    expect([...plain.train.labels]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("is averaged over areas to 32 x 32, and to nothing else", async () => {
    const folder = await folderOf(await files());
    const { train } = await ucMerced({ side: 32, folder });
    expect(train.shape).toEqual([32, 32, 3]);
    await expect(ucMerced({ side: 16 as 32, folder })).rejects.toThrow(/^side of UC Merced.*32, 64, got 16$/);
  });

  it("is refused with a foreign path, a broken or a small image, or a class that one split lacks", async () => {
    const content = await files();
    const path = "ucmerced/test/river/river02.jpg";
    const refused = async (changed: Files): Promise<string> => {
      const folder = await folderOf(changed);
      return ucMerced({ folder }).then(
        () => "",
        ({ message }: Error) => message,
      );
    };
    expect(await refused({ ...content, "ucmerced/read.me": Buffer.from("x") })).toMatch(
      /ucmerced-64\.tar\.xz, entry "ucmerced\/read\.me": is not an image/,
    );
    expect(await refused({ ...content, [path]: Buffer.from("x") })).toMatch(/river02\.jpg: is a broken image/);
    expect(await refused({ ...content, [path]: await jpeg(1, 5, 60) })).toMatch(
      /river02\.jpg: is 60 x 60: 64 x 64 is allowed/,
    );
    const without = Object.fromEntries(Object.entries(content).filter(([name]) => !name.includes("test/river")));
    expect(await refused(without)).toMatch("has no image of river in test");
    expect(await refused({ "ucmerced/": Buffer.alloc(0) })).toMatch(/ucmerced-64\.tar\.xz/);
  });
});
