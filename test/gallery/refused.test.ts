import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { createGallery, openGallery } from "../../lib/gallery/gallery";
import { temporaryFolder } from "../temporary-folder";
import { learnedH, rowsOf, twoSpaces } from "./two-spaces";

const all = twoSpaces(1500);

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

it("vectors of which none is stored leave no fingerprint behind", async () => {
  const gallery = createGallery(join(temporaryFolder(), "items.gallery"), { model: "old", dimensions: 8 });
  await gallery.add({ ids: all.ids.slice(0, 10), vectors: rowsOf(all.old, 0, 10), model: "old" });
  const strange = { ...all.old, data: all.old.data.map((value, at) => (at % 8 < 4 ? 4 : 0.1) * value) };
  await expect(gallery.add({ ids: all.ids, vectors: strange, model: "old" })).rejects.toThrow("is there already");
  expect(gallery.status().model.fingerprint).toBeNull();
  expect(await gallery.add({ ids: all.ids, vectors: all.old, model: "old" })).toEqual({ added: 1490, known: 10 });
  expect(gallery.status().model.fingerprint).not.toBeNull();
  gallery.close();
});

it("a query whose item is not in the gallery is left out of a measure, and a sample of such alone refused", async () => {
  const folder = temporaryFolder();
  const gallery = createGallery(join(folder, "items.gallery"), { model: "old", dimensions: 8 });
  await gallery.add({ ids: all.ids, vectors: all.old, model: "old" });
  await gallery.update({ weights: await learnedH(folder), model: "next" });
  const vectors = gallery.view().vectors;
  const half = all.ids.map((id, row) => (row % 2 === 0 ? id : `else-${id}`));
  expect(gallery.measure({ vectors, ids: half })).toEqual({ kind: "self", queries: 750, first: 1, firstTen: 1 });
  const strange = all.ids.map((id) => `else-${id}`);
  expect(() => gallery.measure({ vectors, ids: strange })).toThrow(
    "at least one of an item of the gallery, got else-items-0",
  );
  gallery.close();
});

it("an id or a label that SQLite would store as another text is refused, and removes nothing", async () => {
  const gallery = createGallery(join(temporaryFolder(), "items.gallery"), { model: "old", dimensions: 8 });
  const one = (id: string, label = "any") =>
    gallery.add({ ids: [id], labels: [label], vectors: rowsOf(all.old, 0, 1), model: "old" });
  await one("a");
  for (const [id, label] of [["a\0b"], ["\ud800"], ["b", "\udc00"], ["c", "a\0"]] as const) {
    await expect(one(id, label)).rejects.toThrow(/text of a gallery: expected whole Unicode characters.*got "/);
  }
  expect(() => gallery.remove(["a\0b"])).toThrow('none of them U+0000, got "a\\u0000b"');
  await one("\u{1f600}", "é");
  expect([gallery.view().ids, gallery.view().labels]).toEqual([
    ["a", "\u{1f600}"],
    ["any", "é"],
  ]);
  gallery.close();
  const path = join(temporaryFolder(), "other.gallery");
  expect(() => createGallery(path, { model: "old\0", dimensions: 8 })).toThrow("U+0000");
  expect(existsSync(path)).toBe(false);
});

it("a model without a name is refused, first or next", async () => {
  const path = join(temporaryFolder(), "items.gallery");
  expect(() => createGallery(path, { model: "", dimensions: 8 })).toThrow("model: expected a name, got an empty text");
  const gallery = createGallery(path, { model: "old", dimensions: 8 });
  const weights = await learnedH(temporaryFolder());
  await expect(gallery.update({ weights, model: "" })).rejects.toThrow("model: expected a name, got an empty text");
  expect(gallery.status().model.name).toBe("old");
  gallery.close();
});

it("side-information that is not finite is refused: no h could map its item", async () => {
  const gallery = createGallery(join(temporaryFolder(), "items.gallery"), { model: "old", dimensions: 8, side: 1 });
  const one = { ids: ["a"], vectors: rowsOf(all.old, 0, 1), model: "old" };
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const side = { rows: 1, columns: 1, data: Float32Array.of(value) };
    await expect(gallery.add({ ...one, side })).rejects.toThrow(
      /side-information: expected finite numbers, got 1 of 1/,
    );
  }
  expect(gallery.status().items).toBe(0);
  gallery.close();
});

const adding = `
const { openGallery } = require(process.argv[1]);
const gallery = openGallery(process.argv[2]);
gallery.remove(["items-3"]);
gallery.close();
const again = openGallery(process.argv[2]);
console.log(again.status().items, again.verify().length);
again.close();`;

it("closes without an error where the log cannot go to the file, and what stands in the log is kept", async () => {
  const path = join(temporaryFolder(), "items.gallery");
  const gallery = createGallery(path, { model: "old", dimensions: 8 });
  await gallery.add({ ids: all.ids, vectors: all.old, model: "old" });
  gallery.close();
  // The log is shorter than what a file may have at most, and the gallery is longer, as on a disk that is full.
  const limit = Math.floor(statSync(path).size / 2048);
  const module = join(projectRoot(), "lib", "dist", "gallery", "gallery.js");
  const words = ["-c", `ulimit -f ${limit}; exec "$0" "$@"`, process.execPath, "-e", adding, module, path];
  const { stdout, stderr } = spawnSync("bash", words, { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["1499 0\n", ""]);
  const whole = openGallery(path);
  expect(whole.status().items).toBe(1499);
  whole.close();
});
