import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { readChecked } from "../../../lib/data/fetching/verified-file";
import { readZip } from "../../../lib/data/fetching/zip";

const limits = { entries: 3, bytesPerEntry: 100, bytes: 150 };
const read = (files: Record<string, Uint8Array>): string[] =>
  readZip("a.zip", zipSync(files), limits).map(({ path, content }) => `${path} ${content.length}`);

/** Renames an entry in the archive's bytes, in its local header and in the directory. */
function renamed(archive: Uint8Array, from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(archive).toString("latin1").replaceAll(from, to), "latin1");
}

describe("readZip", () => {
  it("unpacks files and leaves folders out", () => {
    expect(read({ "a/": new Uint8Array(), "a/b": new Uint8Array(9), c: new Uint8Array(100) })).toEqual([
      "a/b 9",
      "c 100",
    ]);
  });

  it.each(["../b", "a/../../b", "/b", "C:/b", "a\\..\\b"])("refuses the path %s", (path) => {
    expect(() => read({ [path]: new Uint8Array(1) })).toThrow(
      `a.zip: entry "${path}" has a path that leaves the archive`,
    );
  });

  it("refuses sizes beyond the limits before unpacking", () => {
    expect(() => read({ a: new Uint8Array(101) })).toThrow('"a" has 101 bytes: 100 are allowed');
    expect(() => read({ a: new Uint8Array(90), b: new Uint8Array(90) })).toThrow('"b" brings the archive to 180 bytes');
    const empty = new Uint8Array();
    expect(() => read({ a: empty, b: empty, c: empty, d: empty })).toThrow('"d" is one too many: 3 are allowed');
  });

  it("refuses an entry that is there twice", () => {
    const archive = renamed(zipSync({ aa: Uint8Array.of(1), bb: Uint8Array.of(2) }), "bb", "aa");
    expect(() => readZip("a.zip", archive, limits)).toThrow('entry "aa" is there twice');
  });

  it("names an archive that is broken or cut", () => {
    const archive = zipSync({ aa: new Uint8Array(50) });
    expect(() => readZip("a.zip", archive.slice(0, 40), limits)).toThrow("a.zip is not a readable zip archive");
    expect(() => readZip("a.zip", new Uint8Array(), limits)).toThrow("a.zip is not a readable zip archive");
  });
});

describe("readChecked", () => {
  const content = Buffer.from("committed");
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "read-checked-"));
    const checksum = { bytes: content.length, sha256: sha256(content) };
    const names = ["whole", "cut", "altered", "missing"];
    await writeFile(
      join(folder, "checksums.json"),
      JSON.stringify(Object.fromEntries(names.map((name) => [name, checksum]))),
    );
    await writeFile(join(folder, "whole"), content);
    await writeFile(join(folder, "cut"), content.subarray(0, 5));
    await writeFile(join(folder, "altered"), "COMMITTED");
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it("returns what agrees with its checksum", async () => {
    expect(Buffer.from(await readChecked(folder, "whole")).toString()).toBe("committed");
  });

  it.each([
    ["cut", "has 5 bytes instead of 9"],
    ["altered", "was altered"],
    ["missing", "cannot be read"],
  ])("refuses what is %s, with its name and the fix", async (name, reason) => {
    const refused = readChecked(folder, name);
    await expect(refused).rejects.toThrow(`${join(folder, name)} ${reason}`);
    await expect(refused).rejects.toThrow(`git checkout -- data/${name}`);
  });

  it("refuses a file without a checksum", async () => {
    await expect(readChecked(folder, "unknown")).rejects.toThrow("has no { bytes, sha256 } of unknown");
  });
});
