import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { galleryCommand } from "../../../lib/cli/gallery/gallery";
import { topK } from "../../../lib/retrieval/top-k";
import { learnedH, rowsOf, twoSpaces } from "../../gallery/two-spaces";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { writeMatrix } from "../small-transformation";

const all = twoSpaces(1200);
const asked = twoSpaces(60, "asked");

/** What a command prints; its errors are thrown. */
async function printed(...words: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await galleryCommand().exitOverride().parseAsync(words, { from: "user" });
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

it("a gallery is made, filled, searched, updated, backfilled and looked at by commands, for a machine or a reader", async () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  for (const [name, vectors] of Object.entries({ old: all.old, next: all.next, asked: asked.next, early: asked.old })) {
    writeMatrix(path(`${name}.npy`), vectors);
  }
  writeMatrix(path("half.npy"), rowsOf(all.next, 0, 600));
  writeFileSync(path("ids.csv"), `id\n${all.ids.join("\n")}\n`);
  writeFileSync(path("half.csv"), `id\n${all.ids.slice(0, 600).join("\n")}\n`);
  writeFileSync(path("labels.csv"), `label\n${all.labels.join("\n")}\n`);
  writeFileSync(path("asked.csv"), `label\n${asked.labels.join("\n")}\n`);
  const file = path("items.gallery");

  const elsewhere = path("nowhere/items.gallery");
  await expect(printed("create", elsewhere, "--model", "old", "--dimensions", "8")).rejects.toThrow(
    `${elsewhere}: there is no folder ${path("nowhere")}`,
  );
  expect(await printed("create", file, "--model", "old", "--dimensions", "8")).toContain("0 items, 8 dimensions, l2");
  const add = ["add", file, "--model", "old", "--vectors", path("old.npy"), "--ids", path("ids.csv")];
  expect(await printed(...add, "--labels", path("labels.csv"), "--json")).toBe('{"added":1200,"known":0}');
  await expect(printed("search", file, "--model", "new", "--query", path("early.npy"))).rejects.toThrow(
    'of model "new", the gallery\'s of "old"',
  );
  const listeners = vi.spyOn(process, "once");
  const found = JSON.parse(
    await printed("search", file, "--model", "old", "--query", path("early.npy"), "--k", "3", "--json"),
  );
  expect(listeners.mock.calls.filter(([name]) => name === "SIGINT")).toEqual([]); // Ctrl-C ends the process
  const { items } = topK({ gallery: all.old, query: asked.old, k: 3 });
  expect(found.ids.flat()).toEqual(Array.from(items, (row) => all.ids[row]));
  await printed("search", file, "--model", "old", "--query", path("early.npy"), "--k", "2", "--out", path("hits.csv"));
  const other = ["search", file, "--model", "old", "--query", path("early.npy"), "--out", path("hits.npy")];
  await expect(printed(...other)).rejects.toThrow("hits.npy: its ending must be .csv");
  expect(readFileSync(path("hits.csv"), "utf8").split("\n").slice(0, 2)).toEqual([
    "query,rank,id,squared_distance",
    `0,1,${found.ids[0][0]},${found.squaredDistances[0][0]}`,
  ]);

  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await galleryCommand().parseAsync(["next", file], { from: "user" });
  expect(log.mock.calls, "no line, if there is nothing to embed").toEqual([]);
  log.mockRestore();

  const weights = await learnedH(folder);
  const updated = JSON.parse(await printed("update", file, "--weights", weights, "--model", "new", "--json"));
  expect(updated).toMatchObject({ items: 1200, own: 0, mapped: 1200, model: { name: "new", dimensions: 7 } });
  expect((await printed("next", file, "--count", "5")).split("\n")).toHaveLength(5);
  const half = ["backfill", file, "--model", "new", "--vectors", path("half.npy"), "--ids", path("half.csv")];
  const query = ["--query", path("asked.npy"), "--query-labels", path("asked.csv")];
  const done = JSON.parse(await printed(...half, "--items", "300", ...query, "--json"));
  expect(done).toMatchObject({ replaced: 300, left: 900 });
  expect(done.points.at(-1)).toMatchObject({ kind: "labelled", queries: 60, own: 300, share: 0.25 });
  expect(await printed(...half, ...query)).toMatch(
    /300 items replaced, 600 left as h mapped them; 600 of 600 ids are in the gallery\n.*\n +25\.0 % +top-1 .* %, mAP .* %/,
  );
  const strangers = (model: string, ...ids: readonly string[]): Promise<string> => {
    writeMatrix(path("few.npy"), rowsOf(all.next, 0, ids.length));
    writeFileSync(path("few.csv"), `id\n${ids.join("\n")}\n`);
    return printed(
      "backfill",
      file,
      "--model",
      model,
      "--vectors",
      path("few.npy"),
      "--ids",
      path("few.csv"),
      "--json",
    );
  };
  expect(JSON.parse(await strangers("new", "a", "b", "items-0"))).toMatchObject({ replaced: 0, given: 3, known: 1 });
  await expect(strangers("old", "a", "b")).rejects.toThrow('of model "old", the gallery\'s of "new"');
  await expect(strangers("new", "a", "b", "a")).rejects.toThrow(/few\.csv, id "a": is that of the rows 0 and 2/);
  expect(await printed("status", file, "--verify")).toMatch(
    /1200 items, 7 dimensions, l2\nmodel +"new", fingerprint [0-9a-f]{16}\nvectors +600 of .* own, 600 mapped by h\nsound/,
  );
  expect(await printed("remove", file, "items-0", "items-1")).toContain("2 items removed");
  expect(JSON.parse(await printed("status", file, "--verify", "--json"))).toMatchObject({ items: 1198, faults: [] });
});

it("words that do not fit each other are refused before a file is opened", async () => {
  const update = galleryCommand().commands.find((each) => each.name() === "update");
  const backfill = galleryCommand().commands.find((each) => each.name() === "backfill");
  if (update === undefined || backfill === undefined) throw new Error("a command is missing");
  const needed = "--weights and --model are needed, or --give-up alone";
  expect(await refusal(update, ["none.gallery", "--model", "new"])).toContain(needed);
  expect(await refusal(update, ["none.gallery", "--give-up", "--weights", "h.safetensors"])).toContain(needed);
  const both = ["--weights", "h.safetensors", "--model", "new"];
  expect(await refusal(update, ["none.gallery", "--give-up", ...both])).toContain(needed);
  const words = ["none.gallery", "--model", "new", "--vectors", "v.npy", "--ids", "i.csv"];
  expect(await refusal(backfill, [...words, "--query", "q.npy"])).toContain(
    "needs one of --query-labels and --query-ids",
  );
});
