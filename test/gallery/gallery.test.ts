import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAdapter } from "../../lib/adapters/open-adapter";
import { readArtifact, writeArtifact } from "../../lib/core/artifacts/store";
import { selectRows } from "../../lib/core/matrix";
import { arrayNamed, type NamedArrays } from "../../lib/core/named-arrays";
import { createStore } from "../../lib/gallery/create-store";
import { createGallery, type Gallery, openGallery } from "../../lib/gallery/gallery";
import { addItems } from "../../lib/gallery/items";
import { modelIn } from "../../lib/gallery/model-space";
import { openStore, type Store } from "../../lib/gallery/store";
import { giveUpUpdate } from "../../lib/gallery/update";
import { backfillOrder } from "../../lib/retrieval/backfill-order";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { topK } from "../../lib/retrieval/top-k";
import { temporaryFolder } from "../temporary-folder";
import { learnedH, rowsOf, type TwoSpaces, twoSpaces } from "./two-spaces";

const all = twoSpaces(1500);
const queries = twoSpaces(120, "queries");

async function filled(
  folder: string,
  { side = false, items = all }: { readonly side?: boolean; readonly items?: TwoSpaces } = {},
): Promise<Gallery> {
  const gallery = createGallery(join(folder, "items.gallery"), {
    model: "old",
    dimensions: 8,
    ...(side ? { side: 4 } : {}),
  });
  const { ids, labels, old: vectors } = items;
  await gallery.add({ ids, labels, vectors, model: "old", ...(side ? { side: items.side } : {}) });
  return gallery;
}

const embed = (ids: readonly string[]) =>
  selectRows(
    all.next,
    ids.map((id) => all.ids.indexOf(id)),
  );

describe("a gallery", () => {
  it("finds what topK finds, by each of both distances, and takes up what another process added", async () => {
    for (const distance of ["l2", "cosine"] as const) {
      const folder = temporaryFolder();
      const path = join(folder, "items.gallery");
      const gallery = createGallery(path, { model: "old", dimensions: 8, distance });
      const other = openGallery(path);
      expect(await gallery.add({ ids: all.ids.slice(0, 700), vectors: rowsOf(all.old, 0, 700), model: "old" })).toEqual(
        {
          added: 700,
          known: 0,
        },
      );
      expect(other.view().ids).toHaveLength(700);
      await gallery.add({ ids: all.ids.slice(700), vectors: rowsOf(all.old, 700, 1500), model: "old" });
      const { items, squaredDistances } = topK({ gallery: all.old, query: queries.old, k: 5, distance });
      for (const each of [gallery, other]) {
        const hits = await each.search({ vectors: queries.old, model: "old", k: 5 });
        expect(hits.ids.flat()).toEqual(Array.from(items, (row) => all.ids[row]));
        expect(hits.squaredDistances).toEqual(squaredDistances);
      }
      gallery.close();
      other.close();
    }
  });

  it("passes over items that are there, refuses others under their ids, and forgets removed ones", async () => {
    const gallery = await filled(temporaryFolder());
    const { ids, labels, old: vectors } = all;
    expect(await gallery.add({ ids, labels, vectors, model: "old" })).toEqual({ added: 0, known: 1500 });
    const changed = { ids: ids.slice(3, 4), labels: labels.slice(3, 4), vectors: rowsOf(vectors, 4, 5), model: "old" };
    await expect(gallery.add(changed)).rejects.toThrow(
      /item "items-3": is there already, with another vector.*remove it/,
    );
    expect(() => gallery.remove(["items-3", "nobody"])).toThrow('item "nobody": is not in the gallery');
    expect(() => gallery.remove(["items-3", "items-3"])).toThrow('a different one for each item, got "items-3" twice');
    expect(gallery.view().ids).toContain("items-3");
    gallery.remove(["items-3"]);
    expect(gallery.view().ids).not.toContain("items-3");
    expect(await gallery.add(changed)).toEqual({ added: 1, known: 0 });
    expect(gallery.view().vectors.rows).toBe(1500);
    const twice = { ids: ["a", "a"], vectors: rowsOf(vectors, 0, 2), model: "old" };
    await expect(gallery.add(twice)).rejects.toThrow('a different one for each item, got "a" twice');
    gallery.close();
  });

  it("refuses vectors of another model by name, size and spread, naming both, and takes none of them", async () => {
    const gallery = await filled(temporaryFolder());
    const { fingerprint } = gallery.status().model;
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    const ids = queries.ids;
    for (const use of [gallery.search, gallery.add]) {
      const given = { ids, vectors: queries.old };
      await expect(use({ ...given, model: "next" })).rejects.toThrow(
        `of model "next", the gallery's of "old" (${fingerprint})`,
      );
      await expect(use({ ...given, vectors: queries.next, model: "old" })).rejects.toThrow(
        /have 7 dimensions, those of "old" \(.*\) 8/,
      );
      const strange = { ...queries.old, data: queries.old.data.map((value, at) => (at % 8 < 4 ? 4 : 0.1) * value) };
      await expect(use({ ...given, vectors: strange, model: "old" })).rejects.toThrow(
        new RegExp(
          `these vectors \\([0-9a-f]{16}\\) are said to be of "old" \\(${fingerprint}\\), and spread \\d\\.\\d\\d away`,
        ),
      );
      const broken = { ...queries.old, data: queries.old.data.map((value, at) => (at === 9 ? Number.NaN : value)) };
      await expect(use({ ...given, vectors: broken, model: "old" })).rejects.toThrow(/not finite.*NaN at 9/);
    }
    expect(gallery.status().items).toBe(1500);
    gallery.close();
  });

  it("is brought to a new model by h, with side-information if h takes it, and searched to the bit as h maps", async () => {
    for (const side of [false, true]) {
      const folder = temporaryFolder();
      const weights = await learnedH(folder, { side });
      const gallery = await filled(folder, { side });
      const seen: number[] = [];
      const status = await gallery.update({ weights, model: "next", onItems: (done) => void seen.push(done) });
      expect(status).toMatchObject({
        items: 1500,
        own: 0,
        mapped: 1500,
        update: null,
        model: { name: "next", dimensions: 7 },
      });
      expect(seen).toEqual([1500]);
      const { h, card } = await openAdapter(weights, "gallery");
      expect(status.model.fingerprint).not.toBeNull();
      expect(card?.spaces.to).toMatch(/^[0-9a-f]{16}$/);
      const mapped = h.mapAll({ old: all.old, side: side ? all.side : null }).embeddings;
      h.dispose();
      const { items } = topK({ gallery: mapped, query: queries.next, k: 10 });
      const hits = await gallery.search({ vectors: queries.next, model: "next" });
      expect(hits.ids.flat()).toEqual(Array.from(items, (row) => all.ids[row]));
      await expect(gallery.search({ vectors: queries.old, model: "old" })).rejects.toThrow(
        '"old", the gallery\'s of "next"',
      );
      const late = { ids: ["x"], vectors: rowsOf(all.old, 0, 1), model: "old" };
      await expect(gallery.add(side ? { ...late, side: rowsOf(all.side, 0, 1) } : late)).rejects.toThrow(
        "bring the gallery to yours",
      );
      expect(gallery.verify()).toEqual([]);
      // The same update again is done already.
      expect(await gallery.update({ weights, model: "next" })).toEqual(status);
      gallery.close();
    }
  });

  it("refuses an h for other vectors, another update beside one, and a name that it has had", async () => {
    const folder = temporaryFolder();
    const weights = await learnedH(folder);
    const sided = await learnedH(folder, { side: true });
    const gallery = await filled(folder);
    await expect(gallery.update({ weights: sided, model: "next" })).rejects.toThrow(
      /side-information of 4 dimensions, and the gallery keeps none/,
    );
    await expect(gallery.update({ weights, model: "old" })).rejects.toThrow('has had a model "old"');
    const other = createGallery(join(folder, "other.gallery"), { model: "wide", dimensions: 9 });
    await expect(other.update({ weights, model: "next" })).rejects.toThrow(
      /takes 8 dimensions together, the gallery has 9 of "wide"/,
    );
    const strange = createGallery(join(folder, "strange.gallery"), { model: "odd", dimensions: 8 });
    await strange.add({ ids: all.ids, vectors: { ...all.old, data: all.old.data.map((v) => 5 * v) }, model: "odd" });
    await expect(strange.update({ weights, model: "next" })).rejects.toThrow(
      /model "odd".*another space than.*linear\.safetensors/,
    );

    const stopped = new AbortController();
    stopped.abort(new Error("stopped"));
    await expect(gallery.update({ weights, model: "next", signal: stopped.signal })).rejects.toThrow("stopped");
    expect(gallery.status().update).toEqual({ model: "next", mapped: 0 });
    const again = join(folder, "again.safetensors");
    copyFileSync(await learnedH(folder, { kind: "procrustes" }), again);
    await expect(gallery.update({ weights: again, model: "later" })).rejects.toThrow(
      /on its way to model "next".* by another h/,
    );
    gallery.giveUpUpdate();
    expect(gallery.status().update).toBeNull();
    expect((await gallery.update({ weights: again, model: "later" })).model.name).toBe("later");
    for (const each of [gallery, other, strange]) each.close();
  });
});

describe("an update", () => {
  const many = twoSpaces(5000);
  /** A gallery of more items than are mapped at once, h, and a second handle on its file. */
  const started = async () => {
    const folder = temporaryFolder();
    const gallery = await filled(folder, { items: many });
    const other = openStore(gallery.status().path);
    const close = (): void => {
      gallery.close();
      other.close();
    };
    return { gallery, other, weights: await learnedH(folder), close };
  };
  const overtaken = /update to model "next" has been given up by another process, or replaced/;

  it("that another process gives up while it runs says so", async () => {
    const { gallery, other, weights, close } = await started();
    await expect(gallery.update({ weights, model: "next", onItems: () => giveUpUpdate(other) })).rejects.toThrow(
      overtaken,
    );
    expect(gallery.status()).toMatchObject({ update: null, own: 5000, model: { name: "old" } });
    close();
  });

  it("keeps nothing for another update that has its number, by another h or to another name", async () => {
    for (const changed of [{ name: "later" }, { sha256: "0".repeat(64) }]) {
      const { gallery, other, weights, close } = await started();
      let number = -1;
      const onItems = (): void => {
        const coming = modelIn(other, "coming");
        if (coming === undefined) throw new Error("no update is under way");
        number = coming.number;
        giveUpUpdate(other);
        const h = JSON.stringify({ ...coming.h, ...changed });
        const sql = "INSERT INTO model (name, dimensions, state, h) VALUES (?, 7, 'coming', ?)";
        other.run(sql, changed.name ?? "next", h);
      };
      await expect(gallery.update({ weights, model: "next", onItems })).rejects.toThrow(overtaken);
      expect(modelIn(other, "coming")?.number).toBe(number);
      expect(gallery.status()).toMatchObject({ update: { mapped: 0 }, model: { name: "old" } });
      close();
    }
  });

  it("is done by two processes at once, and maps again what a backfill changes behind it", async () => {
    const { gallery, other, weights, close } = await started();
    const beside = openGallery(gallery.status().path);
    const seen: number[] = [];
    const onItems = (done: number): void => {
      // A backfill replaces a vector and forgets what was mapped from the one before.
      if (seen.push(done) === 1) other.run("DELETE FROM mapped WHERE item <= 10");
    };
    const updates = [gallery.update({ weights, model: "next", onItems }), beside.update({ weights, model: "next" })];
    for (const status of await Promise.all(updates)) expect(status).toMatchObject({ mapped: 5000, update: null });
    expect(gallery.verify()).toEqual([]);
    beside.close();
    close();
  });

  it("is refused, naming the item, if h gives it what is no number", async () => {
    const folder = temporaryFolder();
    const gallery = await filled(folder);
    const linear = readArtifact(await learnedH(folder)).arrays;
    const { shape, data } = arrayNamed(linear, "map.linear");
    const path = join(folder, "broken.safetensors");
    const update = (arrays: NamedArrays): Promise<unknown> => {
      writeArtifact(path, { arrays: { ...linear, ...arrays }, facts: {} });
      return gallery.update({ weights: path, model: "next", anySpace: true });
    };
    const far = { shape, data: data.map((value) => 1e38 * value) };
    await expect(update({ "map.linear": far })).rejects.toThrow(
      /item "items-\d+": h maps it to a vector with the value -?(Infinity|NaN); give up the update/,
    );
    expect(gallery.status().update).toEqual({ model: "next", mapped: 0 });
    gallery.giveUpUpdate();
    const uncertainty = { shape: [7, 1], data: new Float32Array(7).fill(3e38) };
    const bias = { shape: [1], data: new Float32Array(1) };
    await expect(update({ "uncertainty.linear": uncertainty, "uncertainty.bias": bias })).rejects.toThrow(
      /item "items-\d+": h predicts the log variance -?(Infinity|NaN) for it/,
    );
    gallery.close();
  });
});

describe("a backfill", () => {
  it("takes FastFill's order, stops at its budget, goes on, and measures as it goes", async () => {
    const folder = temporaryFolder();
    const weights = await learnedH(folder, { kind: "fastfill" });
    const gallery = await filled(folder);
    await gallery.update({ weights, model: "next" });
    const { h } = await openAdapter(weights, "gallery");
    const { logVariance, embeddings } = h.mapAll({ old: all.old, side: null });
    h.dispose();
    const order = backfillOrder(1500, { kind: "uncertainty", logVariance: logVariance ?? new Float32Array(0) });
    expect(gallery.next(1500)).toEqual(Array.from(order, (row) => all.ids[row]));

    const asked: string[] = [];
    const plan = {
      model: "next",
      embed: (ids: readonly string[]) => {
        asked.push(...ids);
        return embed(ids);
      },
      sample: { vectors: queries.next, labels: queries.labels },
    };
    const first = await gallery.backfill({ ...plan, items: 600, itemsAtOnce: 100, measureEvery: 300 });
    expect([first.replaced, first.left, first.points.map(({ own }) => own)]).toEqual([600, 900, [0, 300, 600]]);
    expect(asked).toEqual(Array.from(order.slice(0, 600), (row) => all.ids[row]));
    const replaced = new Set(order.slice(0, 600));
    const mixed = selectRows(embeddings, [...all.ids.keys()]);
    for (const row of replaced) mixed.data.set(all.next.data.subarray(7 * row, 7 * row + 7), 7 * row);
    expect(gallery.view().vectors).toEqual(mixed);
    const labels = all.labels.map((label) => Number(label.slice(6)));
    const queryLabels = queries.labels.map((label) => Number(label.slice(6)));
    const { top1, mAP } = evaluateRetrieval({ gallery: mixed, query: queries.next, labels, queryLabels });
    expect(first.points[2]).toEqual({ kind: "labelled", queries: 120, top1, mAP, own: 600, share: 0.4 });
    expect(gallery.verify()).toEqual([]);

    expect((await gallery.backfill({ ...plan, seconds: 1e-9 })).replaced).toBe(0);
    const rest = await gallery.backfill(plan);
    expect([rest.replaced, rest.left]).toEqual([900, 0]);
    expect(asked).toEqual(Array.from(order, (row) => all.ids[row]));
    expect(gallery.view().vectors.data).toEqual(all.next.data);
    expect(gallery.status()).toMatchObject({ own: 1500, mapped: 0 });
    gallery.close();
  });

  it("can take the items of a file alone, and sees whether they find themselves", async () => {
    const folder = temporaryFolder();
    const gallery = await filled(folder);
    await gallery.update({ weights: await learnedH(folder), model: "next" });
    const given = new Set(all.ids.filter((_, i) => i % 3 === 0));
    const seen: unknown[] = [];
    const sample = { vectors: rowsOf(all.next, 0, 300), ids: all.ids.slice(0, 300) };
    const { replaced, left, points } = await gallery.backfill({
      model: "next",
      embed,
      has: (id) => given.has(id),
      sample,
      onItems: (progress) => void seen.push(progress),
    });
    expect([replaced, left]).toEqual([500, 1000]);
    expect(seen).toEqual([
      { done: 256, left: 1244 },
      { done: 500, left: 1000 },
    ]);
    const [before, after] = [points[0], points.at(-1)];
    if (before?.kind !== "self" || after?.kind !== "self") throw new Error("measured otherwise");
    expect(after.first).toBeGreaterThan(before.first);
    expect(gallery.view().vectors.data.slice(0, 7)).toEqual(all.next.data.slice(0, 7));
    gallery.close();
  });

  it("refuses vectors of another model or in another order, and stores none of them", async () => {
    const folder = temporaryFolder();
    const gallery = await filled(folder);
    await gallery.update({ weights: await learnedH(folder), model: "next" });
    const shifted = (ids: readonly string[]) => embed([...ids.slice(7), ...ids.slice(0, 7)]);
    await expect(gallery.backfill({ model: "next", embed: shifted })).rejects.toThrow(
      /said to be of "next".*nearer to what h made of the same item than of \d+ % of others: chance gives 50 %.*in this order/,
    );
    const nobody = { model: "old", embed, has: () => false };
    await expect(gallery.backfill(nobody)).rejects.toThrow('"old", the gallery\'s of "next"');
    expect(gallery.known(["items-0", "nobody", "items-7"])).toBe(2);
    await expect(gallery.backfill({ model: "old", embed })).rejects.toThrow('"old", the gallery\'s of "next"');
    await expect(gallery.backfill({ model: "next", embed: () => rowsOf(all.next, 0, 3) })).rejects.toThrow(
      "embedded rows",
    );
    expect(gallery.status()).toMatchObject({ own: 0, mapped: 1500 });
    gallery.close();
  });
});

describe("a gallery's file", () => {
  it("is made whole or not at all, beside another that is made at the same time", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "items.gallery");
    const failing = (): never => {
      throw new Error("failed");
    };
    expect(() => createStore(path, failing)).toThrow("failed");
    expect(readdirSync(folder)).toEqual([]);
    const alsoMade = (): void => createGallery(path, { model: "first", dimensions: 8 }).close();
    expect(() => createStore(path, alsoMade)).toThrow(/items\.gallery: is there already; name another file/);
    expect(readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(["items.gallery"]);
    const first = openGallery(path);
    expect(first.status().model.name).toBe("first");
    // What processes agree by goes by the file's own name, not by that under which it was made.
    expect(existsSync(`${path}-shm`)).toBe(true);
    first.close();
    rmSync(path);
    writeFileSync(`${path}-wal`, "log");
    expect(() => createGallery(path, { model: "old", dimensions: 8 })).toThrow(/items\.gallery-wal: is left of/);
  });

  it("that finds no room on its disk says so, and has what it had", async () => {
    const gallery = await filled(temporaryFolder());
    const store = openStore(gallery.status().path);
    store.run("PRAGMA max_page_count = 1");
    const more = twoSpaces(1500, "more");
    const added = addItems(store, { ids: more.ids, labels: more.labels, vectors: more.old, model: "old" });
    await expect(added).rejects.toThrow(/cannot be written: the disk is full.*free some space/);
    expect(gallery.status().items).toBe(1500);
    expect(gallery.verify()).toEqual([]);
    store.close();
    gallery.close();
  });

  it("is refused with the reason if it is none, is there already, or is damaged", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "items.gallery");
    expect(() => openGallery(path)).toThrow("no such file");
    writeFileSync(path, "no database, but long enough to be taken for one ".repeat(100));
    expect(() => openGallery(path)).toThrow(/items\.gallery: is not a gallery \(.*\); "fct gallery create"/);
    expect(() => createGallery(path, { model: "old", dimensions: 8 })).toThrow("is there already");
    const full = join(folder, "full.gallery");
    const overfilling = (store: Store): void => {
      store.all("PRAGMA max_page_count = 1");
      store.all("INSERT INTO model (name, dimensions, state, space) VALUES ('old', 8, 'current', zeroblob(100000))");
    };
    expect(() => createStore(full, overfilling)).toThrow(/full\.gallery: cannot be written: the disk is full/);
    expect(existsSync(full)).toBe(false);
    const gallery = await filled(temporaryFolder());
    const file = gallery.status().path;
    gallery.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 60_000, 100_000);
    writeFileSync(file, bytes);
    const damaged = openGallery(file);
    expect(() =>
      damaged.verify().forEach((line) => {
        throw new Error(line);
      }),
    ).toThrow();
    damaged.close();
  });

  it("names an item of which one byte has changed, and neither searches nor maps it until it is added again", async () => {
    const folder = temporaryFolder();
    const weights = await learnedH(folder, { side: true });
    const filledOnce = await filled(folder, { side: true });
    const { path } = filledOnce.status();
    filledOnce.close();
    const whole = readFileSync(path);
    const bytesOfRow = ({ data, columns }: typeof all.old, row: number): Buffer =>
      Buffer.from(data.buffer, data.byteOffset + 4 * columns * row, 4 * columns);
    const flipped = (bytes: Buffer): Gallery => {
      const damaged = readFileSync(path);
      expect(damaged.includes(bytes)).toBe(true);
      // Pages keep copies that no row is read from any more.
      for (let at = damaged.indexOf(bytes); at >= 0; at = damaged.indexOf(bytes))
        damaged.writeUInt8(bytes.readUInt8(5) ^ 4, at + 5);
      writeFileSync(path, damaged);
      return openGallery(path);
    };
    const search = (gallery: Gallery) => gallery.search({ vectors: queries.old, model: "old" });

    const sick = flipped(bytesOfRow(all.old, 700));
    expect(sick.verify()).toEqual([
      'item "items-700": its vector is not the one that was stored: the checksums differ',
    ]);
    const refusal = /items\.gallery, item "items-700": its vector is not the one .* remove it and add it again/;
    await expect(search(sick)).rejects.toThrow(refusal);
    await expect(sick.update({ weights, model: "next", anySpace: true })).rejects.toThrow(refusal);
    sick.giveUpUpdate();
    sick.remove(["items-700"]);
    const [ids, labels] = [all.ids.slice(700, 701), all.labels.slice(700, 701)];
    const again = { ids, labels, vectors: rowsOf(all.old, 700, 701), side: rowsOf(all.side, 700, 701), model: "old" };
    expect(await sick.add(again)).toEqual({ added: 1, known: 0 });
    expect(sick.verify()).toEqual([]);
    expect((await search(sick)).ids).toHaveLength(120);
    sick.close();

    writeFileSync(path, whole);
    const beside = flipped(bytesOfRow(all.side, 20));
    expect(beside.verify()[0]).toMatch(/item "items-20": its side-information is not the one that was stored/);
    await expect(beside.update({ weights, model: "next" })).rejects.toThrow(/item "items-20": its side-information/);
    beside.close();

    writeFileSync(path, whole);
    const updated = openGallery(path);
    await updated.update({ weights, model: "next" });
    const mapped = updated.view().vectors;
    updated.close();
    const late = flipped(bytesOfRow(mapped, 9));
    expect(late.verify()[0]).toMatch(/item "items-9": its mapped vector is not the one that was stored/);
    await expect(late.search({ vectors: queries.next, model: "next" })).rejects.toThrow(/item "items-9": its vector/);
    late.close();
  });
});
