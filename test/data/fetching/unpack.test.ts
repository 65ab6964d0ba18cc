import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpackArchive } from "../../../lib/data/fetching/unpack";
import { temporaryFolder } from "../../temporary-folder";
import { zipOf } from "../../zip-writer";
import { tarGz } from "./archives";

const limits = { entries: 6, bytesPerEntry: 50, bytes: 80 };
// Made with Python's tarfile and lzma: top/a.txt is "first", top/deep/b.txt "second".
const xz = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AH9dADobymMnTMpPo7bATGveCyhE1/WBN+rYQaD9Wyte04jLQaWBOxw3Xq4OT3y3iYnRvqBa3/4sgHXcPqrtjiSw" +
    "oCzXmFhedDejkNaXbMpX77ADeOkEdkMmSHmZ8VpIla5W4W10w7lwTtbMhTq8MhgZW12OT4uBQhBpuFuWCZMS6QAAAAlTCgNQ+6cpAAGbAYBQAABmg3EIscRn" +
    "+wIAAAAABFla",
  "base64",
);
const text = (content: string): Uint8Array => Buffer.from(content);
const tree = [
  { name: "top/", type: "directory" },
  { name: "top/a.txt", content: "first" },
  { name: "./top/deep/b.txt", content: "second" },
] as const;

/** Unpacks archive bytes in a new folder, and gives that folder. */
async function unpacked(
  format: "tar.gz" | "tar.xz" | "zip" | "file",
  bytes: Uint8Array,
  topFolder: string | null = "top",
): Promise<string> {
  const around = temporaryFolder();
  const archive = join(around, `archive.${format}`);
  writeFileSync(archive, bytes);
  await unpackArchive(archive, format, { folder: join(around, "in", "it"), topFolder, limits });
  expect(readdirSync(around).sort()).toEqual([`archive.${format}`, "in"]);
  return join(around, "in", "it");
}

describe("unpackArchive", () => {
  it("unpacks tar.gz, tar.xz and zip without their top folder", async () => {
    const zip = zipOf([
      { name: "top/" },
      { name: "top/a.txt", content: "first" },
      { name: "top/deep/b.txt", content: "second", stored: true },
    ]);
    for (const [format, bytes] of [
      ["tar.gz", await tarGz(tree)],
      ["tar.xz", xz],
      ["zip", zip],
    ] as const) {
      const folder = await unpacked(format, bytes);
      expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("first");
      expect(readFileSync(join(folder, "deep/b.txt"), "utf8")).toBe("second");
      expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["a.txt", "deep", "deep/b.txt"]);
    }
  });

  it("copies a plain file", async () => {
    expect(readFileSync(join(await unpacked("file", text("as is"), null), "archive.file"), "utf8")).toBe("as is");
  });

  it.each([
    ["../b", "has a path that leaves the archive"],
    ["top/../../b", "has a path that leaves the archive"],
    ["/b", "has a path that leaves the archive"],
    ["top\\..\\b", "has a path that leaves the archive"],
    ["other/b", "lies outside the folder top"],
    ["top/a.txt", "is there twice"],
    ["./top/a.txt", "is there twice"],
  ])("refuses the entry %s: %s", async (name, said) => {
    const archive = tarGz([tree[1], { name, content: "x" }]);
    await expect(unpacked("tar.gz", await archive)).rejects.toThrow(`archive.tar.gz, entry "${name}": ${said}`);
    const zip = zipOf([
      { name: "top/a.txt", content: "first" },
      { name, content: "x" },
    ]);
    await expect(unpacked("zip", zip)).rejects.toThrow(`archive.zip, entry "${name}": ${said}`);
  });

  it.each(["symlink", "link", "character-device", "block-device", "fifo"] as const)("refuses a %s", async (type) => {
    const archive = tarGz([tree[1], { name: "top/l", type, linkname: "/etc/passwd" }]);
    await expect(unpacked("tar.gz", await archive)).rejects.toThrow(`"top/l": is a ${type}: files and folders`);
  });

  it("refuses an entry of a small tar.xz archive by name, as of a tar.gz", async () => {
    const packed = await tarGz([{ name: "top/a", content: "x".repeat(51) }]);
    const bytes = spawnSync("xz", ["--stdout"], { input: gunzipSync(packed) }).stdout;
    await expect(unpacked("tar.xz", bytes)).rejects.toThrow(/"top\/a".* has 51 bytes: 50 are allowed/);
  });

  it("refuses a link in a zip archive", async () => {
    const zip = zipOf([{ name: "top/l", content: "/etc/passwd", mode: 0o120777 }]);
    await expect(unpacked("zip", zip)).rejects.toThrow('"top/l": is a link or a device');
  });

  it("refuses what is beyond the limits, before it is written", async () => {
    const file = (name: string, size: number) => ({ name: `top/${name}`, content: "x".repeat(size) });
    for (const [entries, said] of [
      [[file("a", 51)], '"top/a": has 51 bytes: 50 are allowed'],
      [[file("a", 45), file("b", 45)], '"top/b": brings the archive to 90 bytes: 80 are allowed'],
      [[..."abcdefg"].map((name) => file(name, 1)), '"top/g": is one too many: 6 are allowed'],
    ] as const) {
      await expect(unpacked("tar.gz", await tarGz(entries))).rejects.toThrow(said);
      await expect(unpacked("zip", zipOf(entries))).rejects.toThrow(said);
    }
  });

  it("refuses entries that stand in each other's way, and names that no file may have", async () => {
    for (const [names, said] of [
      [["top/a", "top/a/b"], /entry "top\/a\/b": cannot be unpacked/],
      [["top/a/b", "top/a"], /entry "top\/a": cannot be unpacked/],
      [[`top/${"x".repeat(300)}`], /cannot be unpacked: has a longer name/],
    ] as const) {
      const entries = names.map((name) => ({ name, content: "x" }));
      for (const [format, bytes] of [
        ["tar.gz", await tarGz(entries)],
        ["zip", zipOf(entries)],
      ] as const) {
        await expect(unpacked(format, bytes)).rejects.toMatchObject({
          name: "InputError",
          message: said && expect.stringMatching(said),
        });
      }
    }
  });

  it("refuses a stream that goes on beyond its entries", async () => {
    const bomb = gzipSync(Buffer.concat([gunzipSync(await tarGz(tree)), Buffer.alloc(1_000_000)]));
    await expect(unpacked("tar.gz", bomb)).rejects.toThrow(/unpacks to more than \d+ bytes/);
  });

  it("refuses a zip entry that unpacks to more than it declares", async () => {
    const zip = zipOf([{ name: "top/a", content: "x".repeat(40) }]);
    const member = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    zip.writeUInt32LE(5, member + 24);
    await expect(unpacked("zip", zip)).rejects.toThrow('"top/a": does not unpack to its 5 bytes');
    zip.writeUInt32LE(50, member + 24);
    await expect(unpacked("zip", zip)).rejects.toThrow('"top/a": has 40 bytes instead of 50');
  });

  it("refuses a zip entry whose bytes were altered", async () => {
    const zip = zipOf([{ name: "top/a", content: "first", stored: true }]);
    zip.write("F", zip.indexOf("first"));
    await expect(unpacked("zip", zip)).rejects.toThrow('"top/a": is damaged');
  });

  it("refuses cut and foreign archives by name", async () => {
    const zip = zipOf([{ name: "top/a.txt", content: "first" }]);
    const gz = await tarGz(tree);
    const cases = [
      ["tar.gz", gz.subarray(0, 60)],
      ["tar.gz", text("no archive")],
      ["tar.gz", gzipSync(gunzipSync(gz).subarray(0, 1200))],
      ["tar.gz", gzipSync(Buffer.alloc(512, 7))],
      ["tar.xz", xz.subarray(0, 100)],
      ["tar.xz", text("no archive, really none")],
      ["zip", zip.subarray(0, -5)],
      ["zip", zip.subarray(20)],
      ["zip", text("no archive, really none")],
      ["zip", text("")],
    ] as const;
    for (const [format, bytes] of cases) {
      await expect(unpacked(format, bytes)).rejects.toThrow(`archive.${format}`);
    }
  });

  it("writes nothing outside its folder and over no file", async () => {
    const around = temporaryFolder();
    const archive = join(around, "a.tar.gz");
    writeFileSync(archive, await tarGz([{ name: "top/x/../../../out", content: "bad" }]));
    const into = { folder: join(around, "in"), topFolder: "top", limits };
    await expect(unpackArchive(archive, "tar.gz", into)).rejects.toThrow("leaves the archive");
    expect(existsSync(join(around, "out"))).toBe(false);
    writeFileSync(archive, await tarGz(tree));
    await unpackArchive(archive, "tar.gz", into);
    await expect(unpackArchive(archive, "tar.gz", into)).rejects.toThrow("cannot be unpacked: is there already");
  });
});
