import { describe, expect, test } from "vitest";
import { zipEntries } from "../../../lib/core/input/zip";
import { random } from "../../../lib/core/random";
import { zipOf } from "../../zip-writer";

const noise = Uint8Array.from({ length: 5000 }, (_, i) => random(1).fork(i).integer(256));
const member = Buffer.from([0x50, 0x4b, 1, 2]);

async function contents(bytes: Uint8Array): Promise<Readonly<Record<string, Buffer>>> {
  const found: Record<string, Buffer> = {};
  for await (const { path, content } of zipEntries("a.zip", bytes)) found[path] = await content();
  return found;
}

/** The archive of one entry "a", 40 bytes long, after a change at a place of its central directory. */
function changed(stored: boolean, place: number, value: number): Buffer {
  const bytes = zipOf([{ name: "a", content: "x".repeat(40), stored }]);
  bytes.writeUInt32LE(value, bytes.indexOf(member) + place);
  return bytes;
}

describe("a zip archive", () => {
  test("gives its entries in order: stored and deflated, empty, under any name", async () => {
    const parts = [
      { name: "z/", content: "" },
      { name: "z/stored", content: noise, stored: true },
      { name: "ä", content: noise },
      { name: "empty", content: "" },
    ];
    const found = await contents(zipOf(parts));
    expect(Object.keys(found)).toEqual(["z/", "z/stored", "ä", "empty"]);
    for (const { name, content } of parts) expect(found[name]).toEqual(Buffer.from(content));
  });

  test("is read within a larger array, and whatever the number of entries that it states", async () => {
    const parts = Array.from({ length: 5 }, (_, i) => ({ name: `${i}`, content: `${i}` }));
    const zip = zipOf(parts);
    const within = Buffer.concat([noise, zip, noise]).subarray(noise.length, noise.length + zip.length);
    expect(Object.keys(await contents(within))).toEqual(["0", "1", "2", "3", "4"]);
    // 65,536 and more entries are stated modulo 65,536 by some programs.
    for (const stated of [0, 3]) {
      zip.writeUInt16LE(stated, zip.length - 12);
      expect(Object.keys(await contents(zip)), `${stated}`).toEqual(["0", "1", "2", "3", "4"]);
    }
    zip.writeUInt16LE(6, zip.length - 12);
    await expect(contents(zip)).rejects.toThrow("a.zip: is not a readable zip archive");
  });

  test("is read if a record of 64 bits tells where its directory is, refused if none is there", async () => {
    const zip = zipOf([{ name: "a", content: "first" }]);
    const [start, at] = [zip.indexOf(member), zip.length - 22];
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4);
    record.writeUInt32LE((45 << 16) + 45, 12);
    for (const [place, value] of [
      [24, 1],
      [32, 1],
      [40, at - start],
      [48, start],
    ] as const)
      record.writeBigUInt64LE(BigInt(value), place);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(at), 8);
    locator.writeUInt32LE(1, 16);
    const end = Buffer.from(zip.subarray(at));
    end.writeUInt32LE(0xffffffff, 12);
    end.writeUInt32LE(0xffffffff, 16);
    const whole = Buffer.concat([zip.subarray(0, at), record, locator, end]);
    expect(await contents(whole)).toEqual({ a: Buffer.from("first") });
    await expect(contents(Buffer.concat([zip.subarray(0, at), end]))).rejects.toThrow(/a\.zip: is not a readable zip/);
  });

  test.each([
    ["goes on into the end record", 9, 0],
    ["ends before its directory", 0, -1],
  ])("is refused if its last entry %s", async (_, comment, name) => {
    const zip = zipOf([{ name: "ab", content: "first" }]);
    const at = zip.indexOf(member);
    zip.writeUInt16LE(2 + name, at + 28);
    zip.writeUInt16LE(comment, at + 32);
    await expect(contents(zip)).rejects.toThrow(/^a\.zip: is not a readable zip archive: its directory ends at byte/);
  });

  test("is refused by name at every length that it may be cut to", async () => {
    const zip = zipOf([{ name: "a", content: "first" }]);
    for (let length = 0; length < zip.length; length++) {
      await expect(contents(zip.subarray(0, length))).rejects.toThrow("a.zip");
    }
  });
});

describe("an entry is refused by name", () => {
  test.each([
    ["that is longer than it says", false, 24, 5, "does not unpack to its 5 bytes"],
    ["that is shorter than it says", false, 24, 50, "has 40 bytes instead of 50"],
    ["that is stored and longer than it says", true, 24, 5, "has 40 bytes instead of 5"],
    ["that reaches beyond the archive", true, 20, 2 ** 31, "is not where the directory says"],
    ["that begins nowhere", true, 42, 7, "is not where the directory says"],
    ["whose checksum is another's", false, 16, 0xabc, /is damaged: its CRC-32 is \w{8} instead of 00000abc/],
    ["that needs a later version of zip", false, 6, (0x800 << 16) + 84, "needs version 8.4 of zip"],
    ["that is a patch", false, 6, (0x820 << 16) + 20, "is patched data"],
    ["that is encrypted", false, 6, (1 << 16) + 20, "is encrypted"],
    ["that is packed by another method", false, 8, 12 << 16, "is packed by method 12"],
  ])("%s", async (_, stored, place, value, reason) => {
    const refused = contents(changed(stored, place, value));
    await expect(refused).rejects.toThrow('a.zip, entry "a": ');
    await expect(refused).rejects.toThrow(reason);
  });

  test("whose name is in another encoding in its own header", async () => {
    const zip = zipOf([{ name: "ä", content: "x" }]);
    zip.writeUInt16LE(0, zip.indexOf(member) + 8);
    await expect(contents(zip)).rejects.toThrow("has another name in its own header");
  });

  test("whose bytes were altered", async () => {
    const zip = zipOf([{ name: "a", content: noise, stored: true }]);
    zip[2000] = 1 ^ (zip[2000] ?? 0);
    await expect(contents(zip)).rejects.toThrow('a.zip, entry "a": is damaged');
  });
});
