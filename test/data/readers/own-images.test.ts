import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../../../lib/data/dataset-size";
import { loadDataset } from "../../../lib/data/load-dataset";
import { type FolderOptions, folderDataset, ownImages } from "../../../lib/data/readers/own-images";
import type { ImageSplit } from "../../../lib/data/splits/dataset";
import { temporaryFolder } from "../../temporary-folder";

const side = 8;
const quiet = { warn: () => {} };

async function write(path: string, red: number, green = 0): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const background = { r: red, g: green, b: 0 };
  writeFileSync(
    path,
    await sharp({ create: { width: 12, height: 10, channels: 3, background } })
      .png()
      .toBuffer(),
  );
}

/** Images of four classes, as many of each; red is the class, green the image. */
async function tree(folder: string, images: number, classes: readonly string[] = ["a", "b", "c", "d"], from = 0) {
  for (const name of classes) {
    for (let i = 0; i < images; i++) await write(join(folder, name, `${i}.png`), name.charCodeAt(0), 10 * (from + i));
  }
}

/** Of each image its class name and its green value, sorted. */
async function seen({ labels, classNames, pixels }: ImageSplit): Promise<string[]> {
  const all = Array.from(labels.keys(), async (i) => {
    const [red, green] = await pixels(i);
    expect(red).toBe(classNames[labels[i] ?? -1]?.charCodeAt(0));
    return `${classNames[labels[i] ?? -1]}${(green ?? 0) / 10}`;
  });
  return (await Promise.all(all)).sort();
}

const described = (path: string, options: FolderOptions = {}) => folderDataset(path, { side, ...options }, quiet);

describe("a folder of own images", () => {
  it("with train and test, or val, is taken as it is divided", async () => {
    for (const tested of ["test", "val"]) {
      const folder = temporaryFolder();
      await tree(join(folder, "train"), 3);
      await tree(join(folder, tested), 2, ["a", "b", "d"], 5);
      const recipe = await described(folder);
      expect(recipe).toMatchObject({ name: "folder", path: folder, side, classes: 4, train: 12, test: 6 });
      expect(sizeOf(recipe)).toEqual({ train: 12, test: 6 });
      const { train, test } = await loadDataset(recipe);
      expect(await seen(train)).toEqual(["a", "b", "c", "d"].flatMap((name) => [0, 1, 2].map((i) => `${name}${i}`)));
      expect(await seen(test)).toEqual(["a5", "a6", "b5", "b6", "d5", "d6"]);
      expect(test.classNames).toEqual(train.classNames);
    }
  });

  it("of one tree is divided by a seed, whatever its files are called and wherever it lies", async () => {
    const folder = temporaryFolder();
    await tree(folder, 10);
    const recipe = await described(folder, { testShare: 0.3, seed: 1 });
    const { train, test } = await ownImages(recipe);
    const [trained, tested] = [await seen(train), await seen(test)];
    expect([trained.length, tested.length]).toEqual([28, 12]);
    expect(new Set([...trained, ...tested]).size).toBe(40);
    expect(tested.filter((name) => name.startsWith("c"))).toHaveLength(3);

    const other = temporaryFolder();
    await tree(other, 10);
    renameSync(join(other, "b", "0.png"), join(other, "b", "zebra.PNG"));
    const moved = await described(other, { testShare: 0.3, seed: 1 });
    expect({ ...moved, path: folder }).toEqual(recipe);
    expect(await seen((await ownImages(moved)).test)).toEqual(tested);
    const redrawn = await described(folder, { testShare: 0.3, seed: 2 });
    expect(await seen((await ownImages(redrawn)).test)).not.toEqual(tested);
  });

  it("is tested on classes of its own if that is asked for", async () => {
    const folder = temporaryFolder();
    await tree(folder, 3, ["a", "b", "c", "d", "e", "f"]);
    const recipe = await described(folder, { disjoint: true, testShare: 0.34 });
    expect(recipe).toMatchObject({ classes: 4, train: 12, test: 6 });
    const { train, test } = await ownImages(recipe);
    expect([...train.classNames, ...test.classNames].sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(await seen(test)).toHaveLength(6);

    const divided = temporaryFolder();
    await tree(join(divided, "train"), 2);
    await tree(join(divided, "test"), 2, ["x", "y"]);
    await expect(described(divided)).rejects.toThrow(/2 classes of test are not in train: x, y; .*disjoint/);
    expect((await ownImages(await described(divided, { disjoint: true }))).test.classNames).toEqual(["x", "y"]);
    await tree(join(divided, "test"), 2, ["a"], 7);
    await expect(described(divided, { disjoint: true })).rejects.toThrow("1 classes of test are in train: a");
  });

  it("is told from another by what its files hold: one changed byte makes another recipe", async () => {
    const folder = temporaryFolder();
    await tree(folder, 4);
    const recipe = await described(folder);
    await write(join(folder, "a", "0.png"), 97, 201);
    await expect(ownImages(recipe)).rejects.toThrow(/are not those that the recipe was made of; describe/);
    const { content } = await described(folder);
    expect(content).not.toBe(recipe.content);
  });

  it("counts and names what is odd, and copies", async () => {
    const folder = temporaryFolder();
    await tree(folder, 24, ["a", "b", "c", "d", "e"]);
    copyFileSync(join(folder, "a", "3.png"), join(folder, "a", "copy.png"));
    writeFileSync(join(folder, "c", "notes.txt"), "");
    writeFileSync(join(folder, "c", "broken.jpg"), "GIF89a, so it says");
    await sharp({ create: { width: 12, height: 12, channels: 4, background: "#64c80080" } })
      .webp()
      .toFile(join(folder, "d", "clear.webp"));
    const said: string[] = [];
    const warn = (message: string) => void said.push(message);
    const recipe = await folderDataset(folder, { side }, { warn });
    expect(said.join("\n")).toMatch(/1 files are no images by their ending, left out: .*notes\.txt/);
    expect(said.join("\n")).toMatch(/1 files have the bytes of another of their class, left out: .*(copy|3)\.png$/m);
    said.length = 0;
    await ownImages(recipe, { warn });
    expect(said[0]).toMatch(/1 of 122 images cannot be read: .*broken\.jpg \(.*\); they are left out$/);
    expect(said[1]).toMatch(/of 122 images 1 with transparency, laid on white \(.*clear\.webp\)$/);
  });

  it("is refused with the reason and what to do", async () => {
    const folder = temporaryFolder();
    const refusal = async (path = folder, options: FolderOptions = {}) =>
      described(path, options).then(
        () => "taken",
        ({ message }: Error) => message.replaceAll(folder, ""),
      );
    expect(await refusal(join(folder, "none"))).toMatch(/^\/none: there is no such file or folder; name a folder/);
    expect(await refusal()).toBe(": has no class folder; put the images of each class into a folder of its name");
    await write(join(folder, "loose.png"), 1);
    expect(await refusal()).toContain("but 1 images of no class");
    await tree(folder, 3, ["a", "b", "c"]);
    expect(await refusal()).toMatch(/has 3 classes to train on \(a, b, c\): at least 4 are needed, half of them/);
    await write(join(folder, "d", "only.png"), 1);
    expect(await refusal()).toMatch(/1 classes have one image, which cannot be divided .*: d; add images/);
    await tree(folder, 2, ["d"], 3);
    expect(await refusal()).toBe("taken");
    await write(join(folder, "d", "winter", "0.png"), 1);
    expect(await refusal()).toMatch(/^\/d: is a class with 1 folders in it: winter; .*move them up/);
    rmSync(join(folder, "d", "winter"), { recursive: true });
    mkdirSync(join(folder, "e"));
    expect(await refusal()).toMatch(/^\/e: is a class that is empty; remove it/);
    writeFileSync(join(folder, "e", "one.heic"), "");
    expect(await refusal()).toMatch(/^\/e: is a class that holds no image but one\.heic/);
    rmSync(join(folder, "e"), { recursive: true });
    expect(await refusal(folder, { side: 4 })).toMatch(/side in pixels: .*got 4/);
    mkdirSync(join(folder, "train"));
    expect(await refusal()).toMatch(/has a folder train, and neither test nor val/);
  });

  it("is refused if many images cannot be read, which are counted and named", async () => {
    const folder = temporaryFolder();
    await tree(folder, 6);
    for (const name of ["x.png", "y.png"]) writeFileSync(join(folder, "a", name), `no image ${name}`);
    const recipe = await described(folder);
    await expect(ownImages(recipe)).rejects.toThrow(
      /2 of 26 images cannot be read: .*[xy]\.png \(is no JPEG.*[xy]\.png \(is no JPEG.*; remove or mend them/,
    );
  });
});
