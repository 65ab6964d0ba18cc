import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { type DataPlaces, datasetState } from "../../../lib/data/fetching/dataset-state";
import { getDataset } from "../../../lib/data/fetching/get-dataset";
import type { PublishedDataset, SourceFile } from "../../../lib/data/fetching/published-dataset";
import { temporaryFolder } from "../../temporary-folder";
import { tarGz } from "./archives";
import { fileServer, withRanges } from "./file-server";

let places: DataPlaces;
let mirror: string;
let archive: Buffer;
let notes: string[];
beforeEach(async () => {
  mirror = temporaryFolder();
  places = { committed: temporaryFolder(), fetched: temporaryFolder(), mirror: null };
  archive = await tarGz([
    { name: "top/data.bin", content: "content" },
    { name: "top/more/x", content: "x" },
  ]);
  notes = [];
});

function dataset(file: Partial<SourceFile> = {}): PublishedDataset {
  const own = {
    name: "a.tar.gz",
    url: null,
    bytes: archive.length,
    sha256: sha256(archive),
    format: "tar.gz",
  } as const;
  return {
    title: "Example",
    home: "nowhere",
    terms: "none",
    source: { kind: "fetched", files: [{ ...own, ...file }], topFolder: "top", unpacked: { entries: 5, bytes: 100 } },
    expects: ["data.bin", "more"],
  };
}

const get = (published: PublishedDataset): Promise<void> =>
  getDataset("example", published, { places, note: (text) => notes.push(text), progress: () => () => {} });
const stateOf = (published: PublishedDataset): string => datasetState("example", published, places).kind;
const inMirror = (content: Uint8Array = archive): void => {
  writeFileSync(join(mirror, "a.tar.gz"), content);
  places = { ...places, mirror };
};

describe("weights whose length and checksum nobody published", () => {
  const weights = (url: string | null): PublishedDataset => ({
    ...dataset(),
    source: {
      kind: "fetched",
      files: [{ name: "w.pt", url, bytes: null, sha256: null, format: "file" }],
      topFolder: null,
      unpacked: { entries: 1, bytes: 1000 },
    },
    expects: ["w.pt"],
  });

  it("are fetched, and known by what was found first", async () => {
    const { url } = await fileServer(withRanges(Buffer.from("weights")));
    await get(weights(url));
    expect(readFileSync(join(places.fetched, "example/w.pt"), "utf8")).toBe("weights");
    expect(JSON.parse(readFileSync(join(places.fetched, "example/unpacked-from.json"), "utf8"))).toEqual({
      files: [{ name: "w.pt", bytes: 7, sha256: sha256(Buffer.from("weights")) }],
    });
  });

  it("say in one line that their home cannot be reached, and what to do", async () => {
    await expect(get(weights("http://127.0.0.1:9/w.pt"))).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:9\/w\.pt cannot be reached: .*; a folder that holds w\.pt can be .* FCT_DATA_MIRROR$/,
    );
  });
});

describe("getDataset", () => {
  it("downloads, verifies and unpacks once; a second call says so and asks nobody", async () => {
    const { url, ranges } = await fileServer(withRanges(archive));
    const published = dataset({ url });
    expect(stateOf(published)).toBe("absent");
    await get(published);
    expect(stateOf(published)).toBe("present");
    expect(readFileSync(join(places.fetched, "example/data.bin"), "utf8")).toBe("content");
    expect(readdirSync(places.fetched).sort()).toEqual(["archives", "example"]);
    expect(readdirSync(join(places.fetched, "archives"))).toEqual([]);
    notes = [];
    await get(published);
    expect([notes, ranges.length]).toEqual([
      [`Example is there already: ${join(places.fetched, "example")}, from a.tar.gz`],
      1,
    ]);
  });

  it("takes the archive of a mirror folder, and leaves it there", async () => {
    inMirror();
    expect(stateOf(dataset())).toBe("archive only");
    await get(dataset({ url: "http://127.0.0.1:9/never-asked" }));
    expect(stateOf(dataset())).toBe("present");
    expect(readFileSync(join(mirror, "a.tar.gz")).equals(archive)).toBe(true);
  });

  it("takes an archive of another form that only a mirror folder holds, unless the mirror has the usual one", async () => {
    const other = await tarGz([
      { name: "top/data.bin", content: "in another form" },
      { name: "top/more/x", content: "x" },
    ]);
    const mirrored = {
      name: "b.tar.gz",
      url: null,
      bytes: other.length,
      sha256: sha256(other),
      format: "tar.gz",
    } as const;
    const published = dataset({ url: "http://127.0.0.1:9/never-asked" });
    if (published.source.kind !== "fetched") throw new Error("it is fetched");
    const both = { ...published, source: { ...published.source, mirrored: [mirrored] } };
    writeFileSync(join(mirror, "b.tar.gz"), other);
    expect(stateOf(both)).toBe("absent");
    places = { ...places, mirror };
    expect(stateOf(both)).toBe("archive only");
    await get(both);
    expect(readFileSync(join(places.fetched, "example/data.bin"), "utf8")).toBe("in another form");
    inMirror();
    places = { ...places, fetched: temporaryFolder() };
    await get(both);
    expect(readFileSync(join(places.fetched, "example/data.bin"), "utf8")).toBe("content");
  });

  it.each(["archives", "archives/sub", "archives-mirror", ".example.unpacking.1", "example-mirror"])(
    "leaves the archive of a mirror folder called %s within its own folder",
    async (name) => {
      for (const way of ["direct", "link", "relative"] as const) {
        places = { ...places, fetched: temporaryFolder() };
        const folder = join(places.fetched, name);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "a.tar.gz"), archive);
        const link = join(temporaryFolder(), "link");
        symlinkSync(folder, link);
        places = { ...places, mirror: { direct: folder, link, relative: relative(process.cwd(), folder) }[way] };
        await get(dataset());
        expect(stateOf(dataset())).toBe("present");
        expect(readFileSync(join(folder, "a.tar.gz")).equals(archive)).toBe(true);
      }
    },
  );

  it("leaves an archive that the user put where downloads go, also through a link", async () => {
    const user = join(temporaryFolder(), "a.tar.gz");
    writeFileSync(user, archive);
    for (const put of [copyFileSync, symlinkSync]) {
      places = { ...places, fetched: temporaryFolder() };
      mkdirSync(join(places.fetched, "archives"));
      put(user, join(places.fetched, "archives/a.tar.gz"));
      await get(dataset());
      expect(readFileSync(join(places.fetched, "archives/a.tar.gz")).equals(archive)).toBe(true);
    }
    expect(readFileSync(user).equals(archive)).toBe(true);
  });

  it("removes of other folders only what it was unpacking itself", async () => {
    inMirror();
    const own = join(places.fetched, ".example.unpacking.5");
    mkdirSync(own);
    writeFileSync(join(own, "mine.txt"), "kept");
    const left = join(places.fetched, ".example.unpacking.6");
    mkdirSync(left);
    writeFileSync(join(left, ".unpacking-by-fct"), "");
    await get(dataset());
    expect([existsSync(join(own, "mine.txt")), existsSync(left)]).toEqual([true, false]);
    expect(readdirSync(join(places.fetched, "example")).sort()).toEqual(["data.bin", "more", "unpacked-from.json"]);
  });

  it("goes on with a partial download", async () => {
    const { url, ranges } = await fileServer(withRanges(archive));
    mkdirSync(join(places.fetched, "archives"));
    writeFileSync(join(places.fetched, "archives/a.tar.gz.partial"), archive.subarray(0, 50));
    expect(stateOf(dataset({ url }))).toBe("partial");
    await get(dataset({ url }));
    expect([stateOf(dataset({ url })), ranges]).toEqual(["present", ["bytes=50-"]]);
  });

  it("refuses a wrong checksum, naming file, found and expected; a download is kept aside and fetched anew", async () => {
    const wrong = Buffer.from(archive);
    wrong[30] = (wrong[30] ?? 0) ^ 1;
    const answers = [wrong, archive];
    const { url } = await fileServer((_, response) => response.end(answers.shift()));
    const own = join(places.fetched, "archives/a.tar.gz");
    await expect(get(dataset({ url }))).rejects.toThrow(
      `${own}: has SHA-256 ${sha256(wrong)} instead of ${sha256(archive)}; it is kept aside as ${own}.wrong`,
    );
    expect([stateOf(dataset({ url })), readdirSync(places.fetched)]).toEqual(["absent", ["archives"]]);
    await get(dataset({ url }));
    expect(stateOf(dataset({ url }))).toBe("present");
  });

  it("refuses a mirror's wrong file and leaves it as it is", async () => {
    inMirror(archive.subarray(1));
    await expect(get(dataset())).rejects.toThrow(
      `a.tar.gz: has ${archive.length - 1} bytes instead of ${archive.length}`,
    );
    expect(readFileSync(join(mirror, "a.tar.gz"))).toHaveLength(archive.length - 1);
    expect(existsSync(join(places.fetched, "example"))).toBe(false);
  });

  it("keeps the checksum it found where none was published, and compares it from then on", async () => {
    inMirror();
    await get(dataset({ sha256: null }));
    expect(notes.join("\n")).toContain(`no checksum was published; SHA-256 ${sha256(archive)} is kept from now on`);
    const other = await tarGz([
      { name: "top/data.bin", content: "altered" },
      { name: "top/more/x", content: "x" },
    ]);
    const { url } = await fileServer((_, response) => response.end(other));
    places = { ...places, mirror: null };
    const second = getDataset("again", dataset({ sha256: null, url, bytes: other.length }), {
      places,
      note: () => {},
      progress: () => () => {},
    });
    await expect(second).rejects.toThrow(`SHA-256 ${sha256(other)} instead of ${sha256(archive)}`);
  });

  it("leaves nothing of a refused archive", async () => {
    for (const [entry, said] of [
      [{ name: "../out", content: "bad" }, "leaves the archive"],
      [{ name: "top/l", type: "symlink", linkname: "/" }, "is a symlink"],
      [{ name: "top/data.bin", content: "alone" }, "is not Example: more missing"],
    ] as const) {
      archive = await tarGz([{ name: "top/first", content: "good" }, entry]);
      inMirror();
      await expect(get(dataset())).rejects.toThrow(said);
      expect(readdirSync(places.fetched)).toEqual(["archives"]);
      expect(stateOf(dataset())).toBe("archive only");
    }
  });

  it("clears what an interrupted run left of its unpacking", async () => {
    inMirror();
    mkdirSync(join(places.fetched, ".example.unpacking.1"));
    // Killed after the last file was written, before the folder was renamed.
    const finished = join(places.fetched, ".example.unpacking.2");
    mkdirSync(finished);
    writeFileSync(join(finished, "unpacked-from.json"), "{}");
    await get(dataset());
    expect(readdirSync(places.fetched).sort()).toEqual(["archives", "example"]);
  });

  it("leaves a folder alone that the user put there, whole or not", async () => {
    inMirror();
    const folder = join(places.fetched, "example");
    mkdirSync(folder);
    writeFileSync(join(folder, "data.bin"), "my own");
    await expect(get(dataset())).rejects.toThrow(`${folder}: lacks more; move it away or delete it`);
    mkdirSync(join(folder, "more"));
    writeFileSync(join(folder, "more/y"), "");
    await get(dataset());
    expect(notes).toEqual([`Example is there already: ${folder}, put there by hand`]);
    expect(readFileSync(join(folder, "data.bin"), "utf8")).toBe("my own");
  });

  it("names the stamp where it is damaged, and what has no home", async () => {
    await expect(get(dataset())).rejects.toThrow(
      "a.tar.gz has no public home: name a folder that holds it in FCT_DATA_MIRROR",
    );
    inMirror();
    await get(dataset());
    writeFileSync(join(places.fetched, "example/unpacked-from.json"), "{}");
    await expect(get(dataset())).rejects.toThrow("unpacked-from.json: is damaged; move the folder");
    const drawn: PublishedDataset = { ...dataset(), source: { kind: "drawn" } };
    await expect(get(drawn)).rejects.toThrow("Example is not fetched: it is drawn");
  });

  it("called twice at once, one works and one says so, and the result is whole", async () => {
    inMirror();
    const both = await Promise.allSettled([get(dataset()), get(dataset())]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(stateOf(dataset())).toBe("present");
    await get(dataset());
  });
});
