import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Matrix } from "../../lib/core/matrix";
import { openMatrix, readMatrix, withMatrices } from "../../lib/files/matrix-file";
import { temporaryFolder } from "../temporary-folder";
import { bytesAs, npyFile } from "./npy-writer";

function written(shape: readonly number[], values: ArrayLike<number>, descr = "<f4"): string {
  const path = join(temporaryFolder(), "a.npy");
  writeFileSync(path, npyFile({ descr, shape }, bytesAs(descr, values)));
  return path;
}

describe("a whole matrix", () => {
  test("is what its file holds, even if that takes several blocks to read", async () => {
    const small = written([2, 3], [1, 2, 3, 4, 5, 6], "<f8");
    expect(await readMatrix(small)).toEqual({ rows: 2, columns: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const [rows, columns] = [5, 2 ** 20];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => i % 1013);
    const large: Matrix = await readMatrix(written([rows, columns], values));
    expect(Buffer.compare(Buffer.from(large.data.buffer), Buffer.from(values.buffer))).toBe(0);
  });

  test("is refused with the place of a value that is not finite", async () => {
    const path = written([2, 2], [1, 2, Number.NaN, 4]);
    await expect(readMatrix(path)).rejects.toThrow(/a\.npy: holds 1 value that is not finite.*row 1, column 0/);
  });
});

describe("matrices that are open together", () => {
  test("come in order, equal places as one file, and are closed whatever happens", async () => {
    const [first, second] = [written([1, 1], [3]), written([2, 1], [4, 5])];
    const found = await withMatrices([first, second, first], async (a, b, c) => {
      expect([a.rows, b.rows]).toEqual([1, 2]);
      expect(c).toBe(a);
      return [a, b];
    });
    const reads = async (): Promise<unknown> =>
      withMatrices([second], async (file) => Promise.reject(found.push(file)));
    await expect(reads()).rejects.toBe(3);
    for (const file of found) await expect(file.read(0, 1)).rejects.toThrow(/closed|EBADF/);
    const open = await openMatrix(first);
    expect((await open.read(0, 1)).data[0]).toBe(3);
    await open.close();
  });

  test("are closed if another cannot be opened", async () => {
    const path = written([1, 1], [3]);
    await expect(withMatrices([path, `${path}.none`], async () => 0)).rejects.toThrow(/no such file/);
  });
});
