import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { readAnyLabels } from "../../lib/files/labels";
import { matrixRows, openMatrix, readMatrix } from "../../lib/files/matrix-file";
import { requireOutput } from "../../lib/files/matrix-output";
import { someRows } from "../../lib/files/sharded-matrix";
import { shardPlaces, shardsAt } from "../../lib/files/shards";
import { writeMatrix } from "../cli/small-transformation";
import { normalRows } from "../retrieval/normal-rows";
import { temporaryFolder } from "../temporary-folder";

/** Writes rows to files part-1.npy, part-2.npy, ... of a new folder. */
function inParts(whole: Matrix, sizes: readonly number[]): string {
  const folder = temporaryFolder();
  let first = 0;
  sizes.forEach((size, i) => {
    const data = whole.data.slice(first * whole.columns, (first + size) * whole.columns);
    writeMatrix(join(folder, `part-${i + 1}.npy`), matrix(size, whole.columns, data));
    first += size;
  });
  return folder;
}

function touched(...names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), "");
  return folder;
}

describe("the files that a place names", () => {
  const names = (place: string): readonly string[] | undefined => shardPlaces(place)?.map((each) => basename(each));

  it("are those of a folder or a pattern, numbers in their names counted as numbers", () => {
    const folder = touched("part-10.npy", "part-2.npy", "part-1.npy", ".part-0.npy", "part-3.npy.partial", "notes.txt");
    expect(names(folder)).toEqual(["part-1.npy", "part-2.npy", "part-10.npy"]);
    expect(names(join(folder, "part-*.npy"))).toEqual(["part-1.npy", "part-2.npy", "part-10.npy"]);
    expect(names(join(folder, "part-?.npy"))).toEqual(["part-1.npy", "part-2.npy"]);
    expect(names(join(folder, "*.npy#name"))?.[0]).toBe("part-1.npy#name");
    expect(names(join(folder, "other-*"))).toEqual([]);
    expect(names(join(folder, "part-2.npy"))).toBeUndefined();
    expect(names(join(folder, "gone", "*.npy"))).toEqual([]);
  });

  it("are taken by their names: a pattern's other characters mean themselves, and a file may be called like one", () => {
    const folder = touched("a+b.npy", "aab.npy", "x*.npy", "xy.npy");
    expect(names(join(folder, "a+?.npy"))).toEqual(["a+b.npy"]);
    expect(names(join(folder, "x*.npy"))).toBeUndefined();
  });

  it("are refused if there are none, or of two formats", () => {
    expect(() => shardsAt(join(temporaryFolder(), "*.npy"))).toThrow(
      /names no file; name a folder of them, or a pattern/,
    );
    expect(() => shardsAt(temporaryFolder())).toThrow(/is a folder that holds no file of npy/);
    expect(() => shardsAt(touched("a.npy", "b.parquet"))).toThrow(/several formats \(npy, parquet\); .* "\*\.npy"/);
  });
});

describe("a matrix in several files", () => {
  it("is the rows of one file after the other, wherever a block begins and ends", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.double({ min: 0, max: 1 }), fc.double({ min: 0, max: 1 }), async (counts, a, b) => {
        const rows = counts.reduce((sum, count) => sum + count, 0);
        const whole = normalRows(String(counts), rows, 3);
        const folder = inParts(whole, counts);
        expect(await readMatrix(folder)).toEqual(whole);
        const file = await openMatrix(join(folder, "*.npy"));
        const [first, end] = [Math.floor(a * rows), Math.ceil(b * rows)].sort((x, y) => x - y) as [number, number];
        expect((await file.read(first, end)).data).toEqual(whole.data.slice(3 * first, 3 * end));
        if (end > first) {
          const some = someRows(file, first, end);
          expect([some.rows, (await some.read(0, end - first)).data]).toEqual([
            end - first,
            whole.data.slice(3 * first, 3 * end),
          ]);
        }
        await file.close();
        expect(await matrixRows(folder)).toBe(rows);
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  it("is refused if widths differ, naming both files", async () => {
    const folder = inParts(normalRows("rows", 4, 3), [2, 2]);
    writeMatrix(join(folder, "part-3.npy"), normalRows("wide", 2, 4));
    await expect(openMatrix(folder)).rejects.toThrow(/part-3\.npy: has 4 columns, .*part-1\.npy 3: they must be equal/);
  });

  it("is refused in more files than a process may open", async () => {
    const folder = touched(...Array.from({ length: 513 }, (_, i) => `part-${i}.npy`));
    await expect(openMatrix(folder)).rejects.toThrow(/names 513 files: at most 512 are allowed/);
  });

  it("is no output's place: each of its files is an input", () => {
    const folder = inParts(normalRows("rows", 4, 3), [2, 2]);
    const out = join(folder, "part-2.npy");
    for (const input of [folder, join(folder, "part-*.npy"), join(folder, "*#name")]) {
      expect(() => requireOutput(out, { inputs: [input], replace: true })).toThrow(/part-2\.npy: it is an input/);
    }
  });

  it("has its rows counted without reading them, in Parquet too", async () => {
    expect(await matrixRows(join(import.meta.dirname, "vectors.parquet"))).toBeGreaterThan(1);
  });
});

describe("labels in several files", () => {
  const write = (texts: Readonly<Record<string, string>>): string => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), `label\n${text}`);
    return folder;
  };

  it("are one file's after the other's: numbers, else texts, else sets", async () => {
    const told: unknown[] = [];
    const folder = write({ "1.csv": "3\n1\n", "2.csv": "2\n" });
    const accept = (found: unknown): void => void told.push(found);
    expect(await readAnyLabels(folder, accept)).toEqual({ kind: "numbers", values: Float64Array.of(3, 1, 2) });
    expect(told).toEqual([{ name: folder, count: 3, note: "" }]);
    expect(await readAnyLabels(write({ "1.csv": "3\n", "2.csv": "cat\n" }))).toEqual({
      kind: "texts",
      values: ["3", "cat"],
    });
    expect(await readAnyLabels(write({ "1.csv": "3\n", "2.csv": "cat;dog\n" }))).toEqual({
      kind: "sets",
      values: [["3"], ["cat", "dog"]],
    });
  });
});

it("a folder's name may hold the sign before an array's name", async () => {
  const folder = join(temporaryFolder(), "my#files");
  mkdirSync(folder);
  writeMatrix(join(folder, "a.npy"), normalRows("a", 2, 2));
  expect((await readMatrix(folder)).rows).toBe(2);
});
