import { mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLabels } from "../../lib/files/labels";
import { openMatrix } from "../../lib/files/matrix-file";
import { npyHeader } from "../../lib/files/npy";
import { temporaryFolder } from "../temporary-folder";
import { bytesAs, npyFile, npyOf } from "./npy-writer";

function written(content: Uint8Array, name = "a.npy"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** All values of the matrix at `path`, read in blocks of `rowsAtOnce`. */
async function valuesOf(path: string, rowsAtOnce = 2): Promise<number[]> {
  const file = await openMatrix(path);
  try {
    const values: number[] = [];
    for (let first = 0; first < file.rows; first += rowsAtOnce) {
      const { data, columns } = await file.read(first, Math.min(first + rowsAtOnce, file.rows));
      expect(columns).toBe(file.columns);
      values.push(...data);
    }
    return values;
  } finally {
    await file.close();
  }
}

// Exact in half precision, with its smallest and largest numbers.
const numbers = [0, -0, 1, -2.5, 2 ** -24, -(2 ** -14), 65504, 0.333251953125, 1023 * 2 ** -24, -65504, 7, 3.140625];

describe("a matrix comes back to the bit", () => {
  test.each(["<f2", ">f2", "<f4", ">f4", "=f4", "<f8", ">f8"])("from values of type %s", async (descr) => {
    const content = npyFile({ descr, shape: [4, 3] }, bytesAs(descr, numbers));
    const values = await valuesOf(written(content));
    expect(values.map((value, i) => Object.is(value, numbers[i]))).toEqual(numbers.map(() => true));
  });

  test.each([1, 2, 3] as const)("from NPY version %i", async (version) => {
    const content = npyFile({ version, descr: "<f4", shape: [4, 3] }, bytesAs("<f4", numbers));
    expect(await valuesOf(written(content))).toEqual(numbers);
  });

  test("but not with a space that is none to Python", async () => {
    const content = npyOf(`{'shape':\u00a0(4,3), 'fortran_order':False, 'descr':'<f4'}`, bytesAs("<f4", numbers));
    await expect(openMatrix(written(content))).rejects.toThrow(/header that cannot be read, with a character/);
  });

  test("but not with a length that begins with a zero, nor with one number in brackets, which Python takes for itself", async () => {
    const content = (shape: string) => npyOf(`{'descr':'<i4', 'fortran_order':False, 'shape':${shape}}`, four);
    const four = bytesAs("<i4", [1, 2, 3, 4]);
    expect([...(await readLabels(written(content("(4,)"))))]).toEqual([1, 2, 3, 4]);
    for (const shape of ["(04,3)", "(4)", "(4,,)"]) {
      await expect(readLabels(written(content(shape)))).rejects.toThrow(/its shape is not a list of whole numbers/);
    }
  });

  test("but from no version that NumPy does not write", async () => {
    const content = npyFile({ descr: "<f4", shape: [4, 3] }, bytesAs("<f4", numbers));
    content[7] = 3;
    await expect(openMatrix(written(content))).rejects.toThrow(/NPY version 1\.3: 1\.0, 2\.0 and 3\.0 are allowed/);
  });

  test("whatever the spaces, the quotes and the order of the dictionary", async () => {
    const content = npyOf(`{ "shape":(4L,3L) , 'fortran_order':False,"descr": "<f4"}      `, bytesAs("<f4", numbers));
    expect(await valuesOf(written(content))).toEqual(numbers);
  });

  test("whatever the file is called, through a link", async () => {
    const path = written(npyFile({ descr: "<f4", shape: [4, 3] }, bytesAs("<f4", numbers)), "embeddings#1.bin");
    symlinkSync(path, `${path}.link`);
    expect(await valuesOf(`${path}.link`)).toEqual(numbers);
  });

  test("from any block of rows, in C's order and in Fortran's", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom("<f4", ">f8"),
        async (rows, columns, rowsAtOnce, descr) => {
          const value = (i: number, j: number): number => 10 * i + j + 0.5;
          const row = Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns));
          const column = Array.from({ length: rows * columns }, (_, at) => value(at % rows, Math.floor(at / rows)));
          const shape = [rows, columns];
          const inC = written(npyFile({ descr, shape }, bytesAs(descr, row)));
          const inFortran = written(npyFile({ descr, shape, fortran: true }, bytesAs(descr, column)));
          expect(await valuesOf(inC, rowsAtOnce)).toEqual(row);
          expect(await valuesOf(inFortran, rowsAtOnce)).toEqual(row);
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe("labels", () => {
  test.each(["<i1", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"])("of type %s are read", async (descr) => {
    const labels = [0, -1, 127, 5, -128];
    expect([...(await readLabels(written(npyFile({ descr, shape: [5] }, bytesAs(descr, labels)))))]).toEqual(labels);
  });

  test.each(["|u1", "<u2", ">u4", "<u8"])("of type %s are read", async (descr) => {
    const labels = [0, 255, 128, 7];
    expect([...(await readLabels(written(npyFile({ descr, shape: [4] }, bytesAs(descr, labels)))))]).toEqual(labels);
  });

  test("of truth values are read as 0 and 1", async () => {
    const content = npyFile({ descr: "|b1", shape: [3] }, Uint8Array.of(1, 0, 1));
    expect([...(await readLabels(written(content)))]).toEqual([1, 0, 1]);
  });

  test("are counted before they are read", async () => {
    const path = written(npyFile({ descr: "|u1", shape: [3e9] }, new Uint8Array(0)));
    truncateSync(path, statSync(path).size + 3e9);
    const before = process.memoryUsage().rss;
    const accept = ({ name, count }: { name: string; count: number }): void => {
      throw new RangeError(`${name} ${count}`);
    };
    await expect(readLabels(path, accept)).rejects.toThrow(`${path} 3000000000`);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  test.each([
    ["floats", npyFile({ descr: "<f4", shape: [2] }, bytesAs("<f4", [1, 2])), /<f4, of 2 values.*1-d array of whole/],
    ["a column", npyFile({ descr: "<i8", shape: [2, 1] }, bytesAs("<i8", [1, 2])), /2 x 1 labels.*ravel/],
    [
      "rows",
      npyFile({ descr: "<i8", shape: [1, 2] }, bytesAs("<i8", [1, 2])),
      /rows of labels, 2 among.*rows of 0 and 1/,
    ],
    ["empty bytes", npyFile({ descr: "|S3", shape: [1] }, new Uint8Array(3)), /label 0: is an empty text/],
    ["dates", npyFile({ descr: "<M8[D]", shape: [1] }, new Uint8Array(8)), /<M8.*f2, f4, f8/],
    ["none", npyFile({ descr: "<i8", shape: [0] }, new Uint8Array(0)), /a\.npy: is empty/],
    [
      "a matrix of texts",
      npyFile({ descr: "<U3", shape: [1, 2] }, new Uint8Array(24)),
      /<U3 of 1 x 2: a list of texts/,
    ],
  ])("are refused: %s", async (_, content, message) => {
    await expect(readLabels(written(content))).rejects.toThrow(message);
  });
});

describe("refused by name is", () => {
  const good = npyFile({ descr: "<f4", shape: [4, 3] }, bytesAs("<f4", numbers));
  const values = bytesAs("<f4", numbers);

  test.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /is an empty file/],
    [
      "a file cut within its values",
      good.subarray(0, -5),
      new RegExp(`short: ${good.length} bytes.*${good.length - 5} f`),
    ],
    ["a file cut within its header", good.subarray(0, 30), /cut short: \d+ bytes are expected, 30 found/],
    ["a file cut within its length", good.subarray(0, 9), /cut short: 10 bytes are expected, 9 found/],
    ["a file of magic alone", good.subarray(0, 6), /cut short: 8 bytes are expected, 6 found/],
    ["a file that goes on", Buffer.concat([good, Buffer.of(1)]), /goes on after/],
    [
      "pickled objects",
      npyFile({ descr: "|O", shape: [3] }, Buffer.from("\x80\x04")),
      /pickled Python objects.*run code/,
    ],
    ["another version", npyOf("{}", values, 4), /4\.0: 1\.0, 2\.0 and 3\.0/],
    ["three axes", npyFile({ descr: "<f4", shape: [2, 2, 3] }, values), /<f4, 2 x 2 x 3.*2-d array of numbers/],
    ["one axis", npyFile({ descr: "<f4", shape: [12] }, values), /<f4, of 12 values.*2-d array/],
    ["a single value", npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", bytesAs("<f4", [1])), /single v/],
    ["no rows", npyFile({ descr: "<f4", shape: [0, 3] }, new Uint8Array(0)), /is empty, 0 x 3/],
    ["complex numbers", npyFile({ descr: "<c8", shape: [2, 3] }, values), /<c8/],
    ["a table", npyOf("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (12,)}", values), /named columns/],
    [
      "a shape no disk holds",
      npyFile({ descr: "<f4", shape: [2 ** 40, 2 ** 40] }, values),
      /1099511627776 x 1099511627776/,
    ],
    ["a shape larger than the file", npyFile({ descr: "<f8", shape: [4e9, 100] }, values), /short: 3200000000\d+ b/],
    ["a header that calls", npyOf("{'descr': __import__('os').system('true')}", values), /at "'descr/],
    ["a header without shape", npyOf("{'descr': '<f4', 'fortran_order': False}", values), /without shape/],
    ["a name twice", npyOf("{'descr': '<f4', 'descr': '<f4'}", values), /descr.*twice/],
    [
      "a shape of no numbers",
      npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (3,,4)}", values),
      /shape is not a list/,
    ],
    ["an order that is none", npyOf("{'descr': '<f4', 'fortran_order': (1), 'shape': (3,4)}", values), /neither True/],
    ["no dictionary", npyOf("[]", values), /not a dictionary/],
    ["a header too long", npyOf(`{}${" ".repeat(20_000)}`, values), /20003.*10000/],
    [
      "an archive",
      Buffer.from("PK\x03\x04 and so on"),
      /zip archive \(NPZ or PyTorch\); call it \.npz.*save one array/,
    ],
    ["a pickle", Buffer.of(0x80, 4, 0x95, 1, 2, 3), /a Python pickle.*run code/],
    ["text", Buffer.from("0.1 0.2 0.3\n0.4 0.5 0.6\n"), /neither.*NPY.*\.safetensors/],
  ])("%s", async (_, content, message) => {
    const path = written(content);
    await expect(openMatrix(path)).rejects.toThrow(message);
    await expect(openMatrix(path)).rejects.toThrow(path);
  });

  test("a missing file, a folder, and a name within an NPY file", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "a.safetensors"));
    writeFileSync(join(folder, "b.safetensors"), good);
    await expect(openMatrix(join(folder, "none.npy"))).rejects.toThrow(/none\.npy: there is no such file/);
    await expect(openMatrix(join(folder, "b.safetensors", "a"))).rejects.toThrow(/there is no such file/);
    await expect(openMatrix(join(folder, "a.safetensors"))).rejects.toThrow(/a\.safetensors: is a folder/);
    await expect(openMatrix(join(folder, "b.safetensors#x"))).rejects.toThrow(/NPY file of one array.*#x/);
  });

  test("a file that became shorter after it was opened, and rows it does not have", async () => {
    const path = written(good);
    const file = await openMatrix(path);
    await expect(file.read(2, 5)).rejects.toThrow("rows 2 to 5 of 4");
    writeFileSync(path, good.subarray(0, -8));
    await expect(file.read(2, 4)).rejects.toThrow(/became shorter while it was read/);
    await file.close();
  });
});

test("a header written is one that is read, its values at a multiple of 64 bytes", async () => {
  for (const [rows, columns] of [
    [1, 1],
    [3, 4],
    [1_000_000_000, 128],
  ] as const) {
    const header = npyHeader(rows, columns);
    expect(header.length % 64).toBe(0);
    expect(Buffer.from(header).toString("latin1")).toMatch(new RegExp(`'shape': \\(${rows}, ${columns}\\), } *\n$`));
  }
  const path = written(Buffer.concat([npyHeader(4, 3), bytesAs("<f4", numbers)]));
  expect(await valuesOf(path)).toEqual(numbers);
});
