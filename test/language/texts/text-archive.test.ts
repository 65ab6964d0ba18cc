import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { storedTexts } from "../../../lib/language/texts/text-archive";
import { textsIn } from "../../../lib/language/texts/texts-in";
import { tokenStream } from "../../../lib/language/texts/token-stream";
import { zipOf } from "../../zip-writer";
import { byteTokens } from "../tiny-decoder";

const all = (): boolean => true;
const read = (entries: Parameters<typeof zipOf>[0], wanted: (path: string) => boolean = all) =>
  textsIn("t.zip", zipOf(entries), wanted);

describe("texts of an archive", () => {
  test("come in the order of their paths, without its top folder, read-me files and byte order marks", async () => {
    const found = await read([
      { name: "top/" },
      { name: "top/b.txt", content: "\ufeffzwei" },
      { name: "top/a/c.txt", content: "ünï\n" },
      { name: "top/a/README.txt", content: "read me" },
      { name: "top/LICENSE", content: "MIT" },
    ]);
    expect(found).toEqual([
      { path: "a/c.txt", text: "ünï\n" },
      { path: "b.txt", text: "zwei" },
    ]);
  });

  test("are refused in another encoding, with the byte that shows it", async () => {
    const latin = Buffer.concat([Buffer.from("naïve "), Buffer.from("caf\u00e9 au lait", "latin1")]);
    await expect(read([{ name: "top/a.txt", content: latin }])).rejects.toThrow(
      /^t\.zip, entry "top\/a\.txt": is not UTF-8: its byte 10 begins no character; convert it, as by iconv/,
    );
    const wide = Buffer.from("\ufeffab", "utf16le");
    await expect(read([{ name: "top/a.txt", content: wide }])).rejects.toThrow(
      /"top\/a\.txt": is not UTF-8: its byte 0/,
    );
    const cut = Buffer.from("caf\u00e9").subarray(0, 4);
    await expect(read([{ name: "top/a.txt", content: cut }])).rejects.toThrow(/is not UTF-8: its byte 3 /);
    // What is not asked for is not read.
    expect(await read([{ name: "top/a.txt", content: latin }], () => false)).toEqual([]);
  });

  test("are refused if they are empty", async () => {
    for (const content of ["", " \n\t"]) {
      await expect(read([{ name: "top/a.txt", content }])).rejects.toThrow(
        /^t\.zip, entry "top\/a\.txt": is empty; leave it out/,
      );
    }
  });
});

describe("the committed texts", () => {
  test("are those that data/README.md tells of", async () => {
    const count = async (folder: string): Promise<number> => (await storedTexts([folder])).length;
    expect(await count("movie_reviews")).toBe(2000);
    expect(await count("state_union")).toBe(65);
    expect((await storedTexts(["sentence_polarity", "subjectivity"])).map(({ path }) => path)).toEqual([
      "sentence_polarity/rt-polarity.neg",
      "sentence_polarity/rt-polarity.pos",
      "subjectivity/plot.tok.gt9.5000",
      "subjectivity/quote.tok.gt9.5000",
    ]);
    expect((await storedTexts(["gsm8k"])).map(({ path }) => path)).toEqual(["gsm8k/test.jsonl", "gsm8k/train.jsonl"]);
  });

  test("make one stream, of which a smaller share is the beginning", async () => {
    const stream = (share: number) => tokenStream({ collections: ["state_union"], share }, byteTokens);
    const [some, more] = [await stream(0.05), await stream(0.1)];
    expect(more.length).toBeGreaterThan(1.5 * some.length);
    expect([...more.subarray(0, some.length)]).toEqual([...some]);
    expect(some.filter((token) => token === byteTokens.end)).toHaveLength(Math.round(0.05 * 65));
    const documents = await storedTexts(["state_union"]);
    const [first = 0] = random("documents", "state_union").permutation(65);
    expect(byteTokens.decode(some).startsWith(documents[first]?.text ?? "none")).toBe(true);
    await expect(stream(0)).rejects.toThrow(/share of the text: .* got 0/);
    await expect(stream(1.1)).rejects.toThrow(/got 1.1/);
  });
});
