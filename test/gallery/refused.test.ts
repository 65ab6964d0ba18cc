import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { openGallery } from "../../lib/gallery/gallery";
import { temporaryFolder } from "../temporary-folder";

it("a database that is no gallery, or an empty file, is refused and left as it is", () => {
  const folder = temporaryFolder();
  const [other, empty] = [join(folder, "other.db"), join(folder, "empty")];
  const database = new DatabaseSync(other);
  database.exec("CREATE TABLE photo (name TEXT)");
  database.close();
  writeFileSync(empty, "");
  for (const path of [other, empty]) {
    const before = readFileSync(path);
    expect(() => openGallery(path)).toThrow("is a database, and not a gallery");
    expect(readFileSync(path).equals(before)).toBe(true);
    for (const ending of ["-wal", "-shm", "-journal"]) expect(existsSync(path + ending)).toBe(false);
  }
});
