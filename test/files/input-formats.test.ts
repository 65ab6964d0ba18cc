import { readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { classNumbers } from "../../lib/files/label-numbers";
import { readAnyLabels, readLabels } from "../../lib/files/labels";
import { openMatrix, readMatrix } from "../../lib/files/matrix-file";
import { temporaryFolder } from "../temporary-folder";
import { zipOf } from "../zip-writer";
import { bytesAs, npyFile } from "./npy-writer";

function written(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

const values = async (place: string): Promise<readonly number[]> => [...(await readMatrix(place)).data];

describe("vectors in CSV", () => {
  it.each([
    ["a.csv", "1,2.5\n-3e2,.5\n", ""],
    ["header.csv", "\ufeffx,y\r\n1,2.5\r\n-300,0.5", ""],
    ["a.tsv", "1\t2.5\n-300\t0.5\n\n", ""],
    ["named.csv", 'id,x,y\n"a, ""b""",1,2.5\n"line\nfeed",-300,0.5\n', "#x:y"],
    ["list.csv", 'id,v\na,"[1, 2.5]"\nb,"[-300, 0.5]"\n', "#v"],
    ["pandas.csv", "0,1\n1,2.5\n-300,0.5\n", ""],
    ["index.csv", ",0,1\n0,1,2.5\n1,-300,0.5\n", "#0:1"],
    ["list.csv", "id,v\na,[1 2.5]\nb,[-300 0.5]\n", "#v"],
  ])("are read from %s: %j", async (name, content, selector) => {
    expect(await values(written(name, content) + selector)).toEqual([1, 2.5, -300, 0.5]);
  });

  it.each([
    ["", /empty file/],
    ["x,y\n", /holds no rows/],
    ["1,2\n3\n", /line 2: has 1 fields, the first record 2/],
    ["1,2\n3,\n", /line 2: holds nothing where a number/],
    ["id,x\na,1\n", /line 2: holds a where a number/],
    ["1,nan\n", /not finite/],
    ["x,x\n1,2\n", /two columns are called x/],
    [",0,1\n0,1,2\n", /column 1 has no name: an index\?; name the vector, such as .*a\.csv#0:1$/],
    ['1,"2\n', /line 1: a quoted field does not end/],
    ['a"b",2\n', /line 1: a quotation mark stands inside/],
    [Buffer.of(0x31, 0xff, 0x0a), /not text in UTF-8/],
  ])("are refused in a line that says where: %j", async (content, says) => {
    await expect(readMatrix(written("a.csv", content))).rejects.toThrow(says);
  });

  it("and labels are read in time by their length, however long a quoted field or a line is", async () => {
    const columns = [...Array(100_000).keys()];
    const wide = `${columns.map((i) => `x${i}`).join()}\n${columns.join()}\n`;
    expect(await values(written("wide.csv", wide))).toEqual(columns);
    const lines = "0.25 0.5\n".repeat(1_200_000);
    await expect(readMatrix(`${written("a.csv", `id,v\n"${lines}`)}#v`)).rejects.toThrow(/line 2: a quoted field/);
    const { values: labels } = await readAnyLabels(written("y.csv", `y\n"${lines}"\n`));
    expect(labels).toEqual([lines.trim()]);
  });

  it("may be rows in any order, of which nothing stays behind", async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `${i},${-i}`);
    const file = await openMatrix(written("a.csv", rows.join("\n")));
    expect([...(await file.read(2998, 3000)).data]).toEqual([2998, -2998, 2999, -2999]);
    expect([...(await file.read(5, 6)).data]).toEqual([5, -5]);
    await file.close();
  });

  it("are named by columns that there are", async () => {
    await expect(readMatrix(`${written("a.csv", "x,y\n1,2\n")}#z`)).rejects.toThrow(/no column z; .*#x: x, y/);
  });
});

describe("vectors of whole numbers and in NPZ", () => {
  const npy = (descr: string, shape: readonly number[], numbers: readonly number[]): Buffer =>
    npyFile({ descr, shape }, bytesAs(descr.replace("|", "<"), numbers));

  it.each(["|u1", "<i2", "<i8", ">u4"])("%s are floats of their values", async (descr) => {
    expect(await values(written("a.npy", npy(descr, [2, 2], [1, 2, 3, 200])))).toEqual([1, 2, 3, 200]);
  });

  it.each([false, true])("NPZ, stored: %j", async (stored) => {
    const entries = [
      { name: "x.npy", content: npy("<f8", [1, 2], [1, 2]), stored },
      { name: "z.npy", content: npy("<f4", [1, 2], [3, 4]), stored },
      { name: "y.npy", content: npy("<i8", [2], [7, 9]), stored },
    ];
    const path = written("a.npz", zipOf(entries));
    expect(await values(`${path}#z`)).toEqual([3, 4]);
    expect([...(await readLabels(path))]).toEqual([7, 9]);
    await expect(readMatrix(path)).rejects.toThrow(/more than one.*x \(<f8, 1 x 2\), z/);
    await expect(readMatrix(`${path}#w`)).rejects.toThrow(/no array w\. It holds x, z, y$/);
  });

  it("NPZ with texts and objects beside its numbers: the texts are labels where they are named", async () => {
    const texts = Buffer.alloc(24);
    ["a", "ü", "a"].forEach((text, i) => void texts.writeUInt32LE(text.charCodeAt(0), 8 * i));
    const entries = [
      { name: "vectors.npy", content: npy("<f4", [3, 1], [1, 2, 3]) },
      { name: "labels.npy", content: npyFile({ descr: "<U2", shape: [3] }, texts) },
      { name: "others.npy", content: npyFile({ descr: "|O", shape: [1] }, Buffer.from("a pickle")) },
    ];
    const path = written("a.npz", zipOf(entries.map((entry) => ({ ...entry, stored: true }))));
    expect(await values(path)).toEqual([1, 2, 3]);
    expect(await readAnyLabels(`${path}#labels`)).toEqual({ kind: "texts", values: ["a", "ü", "a"] });
    await expect(readAnyLabels(path)).rejects.toThrow(
      /no 1-d array of .*; name one as .*labels \(<U2\), others \(\|O\)/,
    );
    await expect(readMatrix(`${path}#labels`)).rejects.toThrow(/a\.npz#labels: holds values of type <U2/);
    await expect(readMatrix(`${path}#others`)).rejects.toThrow(/a\.npz#others: holds pickled Python objects/);
  });
});

describe("Parquet", () => {
  const path = join(import.meta.dirname, "table.parquet");

  it("holds vectors as lists or columns, and labels of any kind", async () => {
    const expected = Array.from({ length: 30 }, (_, i) => i / 4 - 2);
    expect(await values(`${path}#single`)).toEqual(expected);
    expect(await values(`${path}#double`)).toEqual(expected);
    expect(await values(`${path}#x:y`)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i / 2 : -(i - 1) / 2)),
    );
    expect([...(await readLabels(`${path}#label`))]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect([...(await readLabels(`${path}#name`))]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect([...(await readLabels(`${path}#flag`))]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
    const { kind, values: tags } = await readAnyLabels(`${path}#tags`);
    expect([kind, tags[1]]).toEqual(["sets", ["c1", "all"]]);
    // Several labels are lists there: a semicolon divides the labels of CSV alone.
    const texts = await readAnyLabels(join(import.meta.dirname, "texts.parquet"));
    expect(texts).toEqual({ kind: "texts", values: ["cat; large", "cat", "dog;"] });
  });

  it("is read once where a row group holds many lists", async () => {
    const lists = join(import.meta.dirname, "lists.parquet");
    const file = await open(lists);
    const reads = vi.spyOn(Object.getPrototypeOf(file), "read");
    const { rows, data } = await readMatrix(lists);
    const ofTable = reads.mock.contexts.length;
    reads.mockRestore();
    await file.close();
    expect([rows, ...data.slice(-4)]).toEqual([20_000, 19_998 % 7, 19_998 % 11, 19_999 % 7, 19_999 % 11]);
    expect(data.every((value, i) => value === Math.floor(i / 2) % (i % 2 === 0 ? 7 : 11))).toBe(true);
    // Both ends, the description and the column, for the table and for each row group, and the result.
    expect(ofTable).toBeLessThan(20);
  });

  it("is refused in one line if it is damaged or has no such column", async () => {
    await expect(readMatrix(path)).rejects.toThrow(/not clear which columns/);
    await expect(readMatrix(`${path}#z`)).rejects.toThrow(/no column z/);
    await expect(readMatrix(`${path}#name`)).rejects.toThrow(/row 0: holds c0 where a number/);
    const bytes = readFileSync(path);
    for (const damaged of [bytes.subarray(0, 200), bytes.subarray(9), Buffer.concat([bytes, Buffer.of(0)])]) {
      await expect(readMatrix(`${written("d.parquet", damaged)}#single`)).rejects.toThrow(
        /d\.parquet: is not a valid Parquet/,
      );
    }
  });

  it("is refused at once if a column is said to consist of less than none", async () => {
    const bytes = readFileSync(join(import.meta.dirname, "vectors.parquet"));
    // Behind the column's name stands how many parts it has: 1, as a zigzag number, becomes -1.
    const parts = bytes.indexOf("double") + 7;
    expect(bytes[parts]).toBe(2);
    bytes[parts] = 1;
    const path = written("d.parquet", bytes);
    for (const place of [path, `${path}#double`]) await expect(readMatrix(place)).rejects.toThrow(/d\.parquet/);
  });

  it("is refused once, also where the reader has asked ahead for bytes that are not there", async () => {
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on("unhandledRejection", hear);
    // A mutated file: its schema lacks a column that its row group has, and places are no numbers.
    await expect(readMatrix(join(import.meta.dirname, "asked-ahead.parquet"))).rejects.toThrow(/not a valid Parquet/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });
});

describe("labels", () => {
  const utf32 = (text: string, width: number): Buffer =>
    Buffer.concat(
      Array.from({ length: width }, (_, i) => {
        const unit = Buffer.alloc(4);
        unit.writeUInt32LE(text.codePointAt(i) ?? 0);
        return unit;
      }),
    );

  it("may be texts, in NPY and CSV, and 64-bit numbers, numbered together on both sides", async () => {
    const texts = npyFile(
      { descr: "<U3", shape: [3] },
      Buffer.concat(["dog", "cat", "dog"].map((text) => utf32(text, 3))),
    );
    const one = await readAnyLabels(written("y.npy", texts));
    const other = await readAnyLabels(`${written("y.csv", "id,name\n1,eel\n2,dog\n")}#name`);
    expect(classNumbers([one, other], "y").map((side) => [...side])).toEqual([
      [1, 0, 1],
      [2, 1],
    ]);
    const bytes = new Uint8Array(BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n, 2n ** 60n).buffer);
    expect([...(await readLabels(written("y.npy", npyFile({ descr: "<i8", shape: [3] }, bytes))))]).toEqual([0, 1, 0]);
    const last = Buffer.alloc(16, 0xff);
    last.writeUInt8(0xfe, 15);
    const labels = await readAnyLabels(written("y.npy", npyFile({ descr: ">u8", shape: [2] }, last)));
    expect(labels.values).toEqual(["18446744073709551615", "18446744073709551614"]);
    const short = npyFile({ descr: "|S4", shape: [2] }, Buffer.from("ab\0\0abcd"));
    expect(await readAnyLabels(written("s.npy", short))).toEqual({ kind: "texts", values: ["ab", "abcd"] });
  });

  it.each([
    ["0\n7\n", " (its first line is taken as a label)"],
    ["class\n7\n8\n", " (its first line is taken as a header)"],
  ])("are counted with a word on the first line: %j", async (content, note) => {
    const found: unknown[] = [];
    await readAnyLabels(written("y.csv", content), (labels) => found.push(labels));
    expect(found).toEqual([expect.objectContaining({ count: 2, note })]);
  });

  it("of a CSV column of whole numbers may end in .0, those of other numbers stay texts", async () => {
    const read = (content: string) => readAnyLabels(written("y.csv", content));
    expect(await read("class\n19.0\n-3.00\n0.0\n7\n")).toEqual({
      kind: "numbers",
      values: Float64Array.of(19, -3, 0, 7),
    });
    expect(await read("version\n1.0\n1.10\n")).toEqual({ kind: "texts", values: ["1.0", "1.10"] });
  });

  it("may be several of an item, or none", async () => {
    const hot = npyFile({ descr: "|b1", shape: [3, 2] }, Uint8Array.of(1, 0, 1, 1, 0, 0));
    const sets = await readAnyLabels(written("y.npy", hot));
    expect(sets).toEqual({ kind: "sets", values: [["0"], ["0", "1"], []] });
    expect(() => classNumbers([sets], "y.npy")).toThrow(/y\.npy, item 1: has 2 labels/);
    const listed = await readAnyLabels(written("y.csv", "tags\na;b\nb\n"));
    expect(listed).toEqual({ kind: "sets", values: [["a", "b"], ["b"]] });
    const oneHot = npyFile({ descr: "|u1", shape: [2, 2] }, Uint8Array.of(0, 1, 1, 0));
    expect([...(await readLabels(written("y.npy", oneHot)))]).toEqual([1, 0]);
  });

  it.each([
    ["y.csv", "a,b\n1,2\n", /not clear which column is the labels/],
    ["y.csv", "y\n\n1\n ,\n", /line 4: has 2 fields/],
    ["y.csv", 'y\n""\n', /line 2: holds no label/],
    ["y.npy", npyFile({ descr: "|u1", shape: [1, 2] }, Uint8Array.of(0, 2)), /rows of 0 and 1/],
    ["y.npy", npyFile({ descr: "<U1", shape: [1] }, Buffer.of(0, 0, 0x11, 0)), /Unicode does not have/],
    ["y.npy", npyFile({ descr: "|S2", shape: [1] }, Buffer.of(0x61)), /cut short/],
  ])("that are none are refused: %s %j", async (name, content, says) => {
    await expect(readAnyLabels(written(name, content))).rejects.toThrow(says);
  });
});
