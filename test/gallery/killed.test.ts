import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { createGallery, type Gallery, openGallery } from "../../lib/gallery/gallery";
import { writeMatrix } from "../cli/small-transformation";
import { temporaryFolder } from "../temporary-folder";
import { learnedH, twoSpaces } from "./two-spaces";

const count = 20_000;
const all = twoSpaces(count);

function fct(...words: readonly string[]): ChildProcess {
  const program = join(projectRoot(), "lib", "dist", "cli", "fct.js");
  return spawn(process.execPath, [program, "gallery", ...words], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Kills the process with -9 once what this process sees of the gallery says so. */
async function killedWhen(child: ChildProcess, reached: () => boolean): Promise<void> {
  const ended = once(child, "close");
  const poll = setInterval(() => reached() && child.kill("SIGKILL"), 2);
  const [, signal] = (await ended) as [number | null, string | null];
  clearInterval(poll);
  expect(signal, "it was killed before it ended").toBe("SIGKILL");
}

/** A folder with the items in files, an empty gallery, and words that name them. */
function start(): {
  readonly folder: string;
  readonly gallery: Gallery;
  readonly named: (what: "old" | "next") => string[];
} {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeMatrix(path("old.npy"), all.old);
  writeMatrix(path("next.npy"), all.next);
  writeFileSync(path("ids.csv"), `id\n${all.ids.join("\n")}\n`);
  const gallery = createGallery(path("items.gallery"), { model: "old", dimensions: 8 });
  const named = (what: "old" | "next") => {
    return [path("items.gallery"), "--model", what, "--vectors", path(`${what}.npy`), "--ids", path("ids.csv")];
  };
  return { folder, gallery, named };
}

describe("a gallery whose process is killed with -9", () => {
  it("while adding has every item that was stored, whole, and the same command adds the rest", async () => {
    const { gallery, named } = start();
    let seen = 0;
    await killedWhen(fct("add", ...named("old")), () => {
      seen = gallery.status().items;
      return seen >= 3000;
    });
    const { items } = gallery.status();
    expect(items).toBeGreaterThanOrEqual(seen);
    expect([items % 1000, items < count]).toEqual([0, true]);
    expect(gallery.verify()).toEqual([]);
    expect(gallery.view().vectors.data).toEqual(all.old.data.slice(0, 8 * items));
    const [status] = (await once(fct("add", ...named("old")), "close")) as [number];
    expect(status).toBe(0);
    const { ids, vectors } = gallery.view();
    expect([ids, vectors.data]).toEqual([all.ids, all.old.data]);
    gallery.close();
  });

  it("while updating and backfilling is of one model at every moment, and goes on where it was", async () => {
    const { folder, gallery, named } = start();
    await gallery.add({ ids: all.ids, vectors: all.old, model: "old" });
    const weights = await learnedH(folder);
    const [file] = named("old") as [string];
    const update = ["update", file, "--weights", weights, "--model", "next"];
    await killedWhen(fct(...update), () => (gallery.status().update?.mapped ?? 0) >= 4096);
    expect(gallery.status()).toMatchObject({ model: { name: "old" }, own: count, update: { model: "next" } });
    const query = { rows: 1, columns: 8, data: all.old.data.slice(0, 8) };
    expect((await gallery.search({ vectors: query, model: "old", k: 1 })).ids).toEqual([["items-0"]]);
    expect(gallery.verify()).toEqual([]);
    expect((await once(fct(...update), "close"))[0]).toBe(0);
    expect(gallery.status()).toMatchObject({ model: { name: "next" }, own: 0, mapped: count, update: null });

    const order = gallery.next(count);
    await killedWhen(fct("backfill", ...named("next")), () => gallery.status().own >= 1024);
    gallery.close();
    const again = openGallery(file);
    const { own, mapped } = again.status();
    expect([own % 256, own + mapped, own < count]).toEqual([0, count, true]);
    expect(again.verify()).toEqual([]);
    const rowOf = new Map(all.ids.map((id, row) => [id, row]));
    const nextOf = (row: number): number[] => [...all.next.data.subarray(7 * row, 7 * row + 7)];
    const { vectors } = again.view();
    for (const id of order.slice(0, own)) {
      const row = rowOf.get(id) ?? -1;
      expect([...vectors.data.subarray(7 * row, 7 * row + 7)]).toEqual(nextOf(row));
    }
    expect(again.next(count)).toEqual(order.slice(own));
    expect((await once(fct("backfill", ...named("next"), "--items", "2000"), "close"))[0]).toBe(0);
    expect(again.status().own).toBe(own + 2000);
    expect(again.verify()).toEqual([]);
    again.close();
  });
});
