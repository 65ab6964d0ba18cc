import { describe, expect, it } from "vitest";
import { admittedZip } from "../../../lib/data/fetching/archive-entries";
import { type ZipPart, zipOf } from "../../zip-writer";

const limits = { entries: 3, bytesPerEntry: 100, bytes: 150 };
const read = async (...parts: readonly ZipPart[]): Promise<string[]> => {
  const admitted = await admittedZip("a.zip", zipOf(parts), limits);
  return Promise.all(
    admitted.map(async ({ path, entry }) => `${entry.kind} ${path} ${(await entry.content()).length}`),
  );
};
const sized = (name: string, size: number): ZipPart => ({ name, content: new Uint8Array(size) });

describe("admittedZip", () => {
  it("lists files and folders, by plain paths", async () => {
    expect(await read({ name: "a/" }, sized("./a//b", 9), sized("c", 100))).toEqual([
      "folder a/ 0",
      "file a/b 9",
      "file c 100",
    ]);
  });

  it.each(["../b", "a/../../b", "/b", "C:/b", "a\\..\\b", "a\\b", "b\0.png", ""])(
    "refuses the path %j",
    async (name) => {
      await expect(read(sized(name, 1))).rejects.toThrow(
        `a.zip, entry "${name.replace("\0", " ")}": has a path that leaves the archive`,
      );
    },
  );

  it.each([
    ["link", 0o120777],
    ["device", 0o020666],
  ])("refuses a %s", async (_, mode) => {
    await expect(read({ name: "l", content: "/etc/passwd", mode })).rejects.toThrow('"l": is a link or a device');
  });

  it("refuses sizes beyond the limits before unpacking", async () => {
    await expect(read(sized("a", 101))).rejects.toThrow('"a": has 101 bytes: 100 are allowed');
    await expect(read(sized("a", 90), sized("b", 90))).rejects.toThrow('"b": brings the archive to 180 bytes');
    await expect(read(...[..."abcd"].map((name) => sized(name, 0)))).rejects.toThrow(
      '"d": is one too many: 3 are allowed',
    );
  });

  it("refuses an entry that is there twice, under whatever path", async () => {
    await expect(read(sized("aa", 1), sized("aa", 2))).rejects.toThrow('entry "aa": is there twice');
    await expect(read(sized("aa/", 0), sized("./aa", 2))).rejects.toThrow('entry "./aa": is there twice');
  });
});
