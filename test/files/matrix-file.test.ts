import { describe, expect, it } from "vitest";
import { sha256 } from "../../lib/core/hash";
import { matrix } from "../../lib/core/matrix";
import { type MatrixSource, readAhead } from "../../lib/core/matrix-source";
import { inspectMatrix } from "../../lib/files/matrix-file";
import { memorySource } from "../core/memory-source";

const nan = Number.NaN;
const source = (values: readonly number[]): MatrixSource =>
  memorySource("a.npy", matrix(values.length / 2, 2, Float32Array.from(values)));

describe("looking through a matrix", () => {
  it("hashes its values, however they are read", async () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const expected = sha256(new Uint8Array(values.buffer));
    for (const rowsAtOnce of [1, 2, 3, 10]) {
      expect(await inspectMatrix(source([...values]), { rowsAtOnce })).toBe(expected);
    }
  });

  it.each([
    [[1, 2, 3, nan, 5, nan], "a.npy: .*2 values .*row 1, column 1"],
    [[1, 2, 3, 4, Number.NEGATIVE_INFINITY, 6], "1 value .* row 2, column 0 \\(-Infinity\\)"],
    [[1e39, 0], "1 value .* row 0, column 0 \\(Infinity\\)"],
  ])("counts what is not finite in %j and says where the first is", async (values, message) => {
    for (const rowsAtOnce of [1, 2, 5]) {
      await expect(inspectMatrix(source(values), { rowsAtOnce })).rejects.toThrow(new RegExp(message));
    }
  });

  it("tells of every block and may be stopped", async () => {
    const told: number[] = [];
    const stop = (done: number): void => {
      told.push(done);
      if (done === 2) throw new Error("stopped");
    };
    await expect(inspectMatrix(source([1, 2, 3, 4, 5, 6]), { rowsAtOnce: 1, onBlock: stop })).rejects.toThrow(
      "stopped",
    );
    expect(told).toEqual([1, 2]);
  });
});

describe("reading ahead", () => {
  it("gives every row from the first asked for, and asks for one block beyond the one in use", async () => {
    const asked: number[] = [];
    const inner = source(Array.from({ length: 14 }, (_, i) => i));
    const watched: MatrixSource = {
      ...inner,
      read: (first, end) => {
        asked.push(first);
        return inner.read(first, end);
      },
    };
    const seen: number[] = [];
    for await (const { first, block } of readAhead(watched, { rowsAtOnce: 3, from: 1 })) {
      seen.push(...block.data);
      expect(asked).toEqual([1, 4].slice(0, asked.length));
      expect(block.data[0]).toBe(2 * first);
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 2));
  });

  it("throws a failed read when its turn comes", async () => {
    const failing: MatrixSource = {
      ...source([1, 2, 3, 4]),
      read: (first) => (first === 0 ? Promise.resolve(matrix(1, 2)) : Promise.reject(new Error("disk"))),
    };
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const { first } of readAhead(failing, { rowsAtOnce: 1 })) seen.push(first);
    };
    await expect(all()).rejects.toThrow("disk");
    expect(seen).toEqual([0]);
  });

  it("refuses blocks of no rows, and gives none of an empty source", async () => {
    const all = async (rows: MatrixSource, rowsAtOnce: number): Promise<number> => {
      let count = 0;
      for await (const _ of readAhead(rows, { rowsAtOnce })) count++;
      return count;
    };
    await expect(all(source([1, 2]), 0)).rejects.toThrow(/rowsAtOnce.* at least 1, got 0/);
    expect(await all(source([]), 3)).toBe(0);
  });
});
