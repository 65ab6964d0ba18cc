import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { xzTarFiles } from "../../../lib/data/fetching/read-tar";
import { type TarEntry, tarGz } from "./archives";

const limits = { entries: 4, bytesPerEntry: 50, bytes: 60 };

async function tarXz(...entries: readonly TarEntry[]): Promise<Buffer> {
  return spawnSync("xz", ["--stdout"], { input: gunzipSync(await tarGz(entries)) }).stdout;
}

const read = async (...entries: readonly TarEntry[]): Promise<readonly string[]> =>
  (await xzTarFiles("a.tar.xz", await tarXz(...entries), limits)).map(({ path, content }) => `${path}: ${content}`);

it("reads the files of an archive, and passes over its folders", async () => {
  const folder = { name: "top/", type: "directory" } as const;
  const files = [
    { name: "top/b", content: "first" },
    { name: "./top/a", content: "" },
  ];
  expect(await read(folder, ...files)).toEqual(["top/b: first", "top/a: "]);
});

it.each<[readonly TarEntry[], RegExp]>([
  [[{ name: "../a", content: "x" }], /leaves the archive/],
  [[{ name: "a", type: "symlink", linkname: "/etc/passwd" }], /is a symlink/],
  [[{ name: "a", content: "x".repeat(51) }], /has 51 bytes: 50 are allowed/],
  [
    [
      { name: "a", content: "x".repeat(40) },
      { name: "b", content: "x".repeat(40) },
    ],
    /to 80 bytes: 60 are allowed/,
  ],
  [[1, 2, 3, 4, 5].map((i) => ({ name: `a${i}` })), /is one too many: 4 are allowed/],
  [[{ name: "a" }, { name: "./a" }], /is there twice/],
])("refuses %j, naming archive and entry", async (entries, said) => {
  await expect(read(...entries)).rejects.toThrow(said);
  await expect(read(...entries)).rejects.toThrow(/^a\.tar\.xz/);
});

it("refuses what is cut or no archive, and what unpacks to more than its entries may", async () => {
  const whole = await tarXz({ name: "a", content: "x" });
  for (const bytes of [whole.subarray(0, 40), Buffer.from("none"), Buffer.alloc(0)]) {
    await expect(xzTarFiles("a.tar.xz", bytes, limits)).rejects.toThrow(/^a\.tar\.xz/);
  }
  const zeros = spawnSync("xz", ["--stdout"], { input: Buffer.alloc(100_000) }).stdout;
  await expect(xzTarFiles("a.tar.xz", zeros, limits)).rejects.toThrow("unpacks to more than 8252 bytes");
});
