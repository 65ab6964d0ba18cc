import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { readChecked } from "../../../lib/data/fetching/verified-file";

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
    await expect(refused).rejects.toThrow(`${join(folder, name)}: ${reason}`);
    await expect(refused).rejects.toThrow(`git checkout -- data/${name}`);
  });

  it("refuses a file without a checksum", async () => {
    await expect(readChecked(folder, "unknown")).rejects.toThrow("has no { bytes, sha256 } of unknown");
  });
});
