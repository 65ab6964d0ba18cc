import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { createGallery, openGallery } from "../../lib/gallery/gallery";
import { temporaryFolder } from "../temporary-folder";
import { twoSpaces } from "./two-spaces";

const all = twoSpaces(60);

const program = `
const { openGallery } = require(process.argv[1]);
const gallery = openGallery(process.argv[2]);
const { items } = gallery.status();
const rows = gallery.view().vectors.rows;
let refused = "";
try {
  gallery.remove(["items-3"]);
} catch (error) {
  refused = error.message;
}
const faults = gallery.verify();
gallery.close();
console.log(JSON.stringify({ items, rows, faults, refused }));`;

/** What a user sees who may not write: root may write everything, so that it is another one. */
function seen(path: string): unknown {
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const module = join(projectRoot(), "lib", "dist", "gallery", "gallery.js");
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program, module, path], { ...user, encoding: "utf8" });
  return stdout === "" ? stderr : JSON.parse(stdout);
}

it("who may not write a gallery reads it, whether another process has it open or none", async () => {
  const folder = temporaryFolder();
  const [open, alone] = ["open", "alone"].map((name) => join(folder, name, "a #b?.gallery")) as [string, string];
  for (const path of [open, alone]) mkdirSync(dirname(path));
  chmodSync(folder, 0o755);
  const gallery = createGallery(open, { model: "old", dimensions: 8 });
  onTestFinished(gallery.close);
  await gallery.add({ ids: all.ids, vectors: all.old, model: "old" });
  // Whoever closes it brings the log's content into the file, so that its copy is whole.
  openGallery(open).close();
  copyFileSync(open, alone);
  const refused = expect.stringMatching(/gallery: may not be written by this user/);
  for (const path of [open, alone]) {
    for (const [folderMode, fileMode] of [
      [0o555, 0o444],
      [0o555, 0o666],
      [0o777, 0o444],
    ] as const) {
      chmodSync(dirname(path), folderMode);
      chmodSync(path, fileMode);
      expect(seen(path)).toEqual({ items: 60, rows: 60, faults: [], refused });
      expect(existsSync(`${path}-wal`)).toBe(path === open);
    }
    chmodSync(dirname(path), 0o755);
  }
});
