import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTorchFile } from "../../lib/interop/torch-file";
import { temporaryFolder } from "../temporary-folder";
import { zipOf } from "../zip-writer";
import * as write from "./torch-writer";

const six = Float32Array.of(1, 2, 3, 4, 5, 6);
const matrix = { shape: [2, 3], strides: [3, 1] };
const storages = { 0: write.bytesOf(six) };

/** What is read from a file of these bytes called weights.pt. */
function arraysIn(bytes: Uint8Array): ReturnType<typeof readTorchFile> {
  const path = join(temporaryFolder(), "weights.pt");
  writeFileSync(path, bytes);
  return readTorchFile(path);
}

const read = (graph: write.Pickle, files: Readonly<Record<string, Uint8Array>> = storages) =>
  arraysIn(write.archive(graph, files));

describe("a state_dict", () => {
  const doubles = write.bytesOf(Float64Array.of(0.5, -0.25));
  const counts = write.bytesOf(BigInt64Array.of(3n));
  const shared = write.remember(9, write.storage("0", 6));
  const parameter = write.call(
    write.global("torch._utils", "_rebuild_parameter"),
    write.tensor(shared, matrix),
    write.truth,
    write.orderedDictionary({}),
  );
  const members = {
    "layer.weight": parameter,
    "layer.transposed": write.tensor(write.recall(9), { shape: [3, 2], strides: [1, 3] }),
    "layer.bias": write.tensor(write.recall(9), { offset: 2, shape: [2], strides: [1] }),
    scalar: write.tensor(write.recall(9), { offset: 5, shape: [], strides: [] }),
    double: write.tensor(write.storage("1", 2, "DoubleStorage"), { shape: [2], strides: [1] }),
    num_batches_tracked: write.tensor(write.storage("2", 1, "LongStorage"), { shape: [], strides: [] }),
    note: write.string("not a tensor"),
  };

  test("gives its float tensors by name: parameters, views, transposed and double", async () => {
    const arrays = await read(write.orderedDictionary(members), { ...storages, 1: doubles, 2: counts });
    expect(arrays).toEqual({
      "layer.weight": { shape: [2, 3], data: six },
      "layer.transposed": { shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) },
      "layer.bias": { shape: [2], data: Float32Array.of(3, 4) },
      scalar: { shape: [], data: Float32Array.of(6) },
      double: { shape: [2], data: Float32Array.of(0.5, -0.25) },
    });
  });

  test("of half precisions is read exactly", async () => {
    const upper = Uint8Array.of(0x80, 0x3f, 0x20, 0xc0);
    const halves = Uint8Array.of(0x00, 0x3c, 0x00, 0xc1);
    const pair = { shape: [2], strides: [1] };
    const arrays = await read(
      write.dictionary({
        b: write.tensor(write.storage("0", 2, "BFloat16Storage"), pair),
        h: write.tensor(write.storage("1", 2, "HalfStorage"), pair),
      }),
      { 0: upper, 1: halves },
    );
    expect(arrays).toEqual({
      b: { shape: [2], data: Float32Array.of(1, -2.5) },
      h: { shape: [2], data: Float32Array.of(1, -2.5) },
    });
  });

  test("may stand beside a NumPy number, which is left out", async () => {
    const type = write.build(
      write.call(write.global("numpy", "dtype"), write.string("f8"), write.truth, write.truth),
      write.tuple(write.integer(3), write.string("<"), write.none),
    );
    const bytes = write.call(write.global("_codecs", "encode"), write.string("x"), write.string("latin1"));
    for (const core of ["numpy.core.multiarray", "numpy._core.multiarray"]) {
      const best = write.call(write.global(core, "scalar"), type, bytes);
      const w = write.tensor(write.storage("0", 6), matrix);
      expect(await read(write.dictionary({ best, w }))).toEqual({ w: { shape: [2, 3], data: six } });
    }
  });

  test("is found inside dictionaries and scripted modules, under dotted names", async () => {
    const weight = write.tensor(write.storage("0", 6), matrix);
    const nested = write.module("Outer", { model: write.module("Inner.Block", { weight, training: write.truth }) });
    expect(Object.keys(await read(write.dictionary({ state: nested })))).toEqual(["state.model.weight"]);
  });
});

describe("a pickle is refused", () => {
  const weights = (window: write.Window, count = 6, kind = "FloatStorage"): write.Pickle =>
    write.dictionary({ w: write.tensor(write.storage("0", count, kind), window) });

  test.each<[string, write.Pickle, string]>([
    [
      "a system command",
      write.call(write.global("os", "system"), write.string("true")),
      "os.system, which no weights need",
    ],
    [
      "an evaluation",
      write.call(write.global("builtins", "eval"), write.string("1")),
      "builtins.eval, which no weights",
    ],
    [
      "a kind of storage that is not read",
      weights(matrix, 6, "ComplexFloatStorage"),
      "numbers of torch.ComplexFloatStorage, which are not read: convert the tensors",
    ],
    [
      "a module that only begins like a script's",
      write.global("__torch__x", "A"),
      "__torch__x.A, which no weights need",
    ],
    [
      "a call of a storage",
      write.call(write.global("torch", "FloatStorage"), write.integer(9)),
      "calls torch.FloatStorage",
    ],
    [
      "a storage larger than its file",
      weights(matrix, 2 ** 30),
      "declares 1073741824 numbers of torch.FloatStorage, its file holds 24",
    ],
    [
      "a storage without a file",
      write.storage("../0", 6),
      'storage "../0" declares 6 numbers of torch.FloatStorage, its file holds no',
    ],
    [
      "a tensor larger than its storage",
      weights({ shape: [3, 3], strides: [3, 1] }),
      "shape [3, 3] reaches beyond the 6 numbers",
    ],
    ["a tensor that begins too late", weights({ ...matrix, offset: 1 }), "shape [2, 3] reaches beyond the 6 numbers"],
    [
      "a tensor that repeats numbers",
      weights({ shape: [2 ** 30, 2], strides: [0, 1] }),
      "reaches beyond the 6 numbers",
    ],
    ["a negative stride", weights({ shape: [2, 3], strides: [-3, 1] }), "no proper offset, shape or strides"],
    [
      "a tensor of a dictionary",
      write.dictionary({ w: write.tensor(write.dictionary({}), matrix) }),
      "something that is not a storage",
    ],
    [
      "a storage of six parts",
      write.dictionary({
        w: write.tensor(
          [
            ...write.tuple(
              ...[write.string("storage"), write.global("torch", "FloatStorage"), write.string("0")],
              ...[write.string("cpu"), write.integer(6), write.integer(6)],
            ),
            0x51,
          ],
          matrix,
        ),
      }),
      "not a storage",
    ],
    ["an end that is missing", [0x4e, 0x58, 255, 255, 255, 127], "its pickle is refused"],
  ])("that holds %s", async (_, graph, message) => {
    await expect(read(graph)).rejects.toThrow(message);
  });

  test.each<[string, readonly number[], RegExp]>([
    ["a negative length", [0x42, 0xfb, 0xff, 0xff, 0xff], /value at byte 2 is of -1 bytes, beyond/],
    ["a length beyond its end", [0x58, 255, 255, 255, 127], /beyond the end/],
    ["a length of 64 bits", [0x8e, 255, 255, 255, 255, 255, 255, 255, 255], /instruction 142 at byte 2/],
    ["a number of 400 kB", [0x8b, 0x80, 0x1a, 6, 0, ...new Array(400_000).fill(1)], /instruction 139 at byte 2/],
    ["a list of 200,000 numbers", [0x5d, 0x28, ...new Array(200_000).fill(0x4e), 0x65], /longer lists, than weights/],
    ["an unknown instruction", [0xff], /instruction 255 at byte 2/],
    ["a number in digits, as protocol 0 writes it", [0x49, 0x65, 0x0a], /instruction 73 at byte 2/],
    ["an instruction without its value", [0x52], /instruction at byte 2 takes what is not there/],
    ["a key without its value", [0x7d, 0x28, ...write.string("w"), 0x75], /instruction at byte 10 takes/],
    ["a tuple that is not begun", [0x4e, 0x74], /instruction at byte 3 takes/],
    ["a mark that is left", [0x4e, 0x28], /instruction at byte 4 takes/],
    ["something remembered that never was", [0x68, 3], /instruction at byte 2 takes/],
    ["text that is not UTF-8", [0x58, 1, 0, 0, 0, 0xff], /text at byte 2 is damaged/],
  ])("that holds %s, at once", async (_, graph, message) => {
    await expect(read(graph)).rejects.toMatchObject({ name: "InputError" });
    await expect(read(graph)).rejects.toThrow(message);
  });

  test("that forges a tensor's fields: they are not read", async () => {
    const forged = write.build(
      write.emptyTuple,
      write.dictionary({ shape: write.integer(9), storage: write.storage("0", 6) }),
    );
    expect(await read(write.dictionary({ w: forged }))).toEqual({});
    const rewritten = write.build(
      write.tensor(write.storage("0", 6), matrix),
      write.dictionary({ shape: write.tuple(write.integer(2 ** 30)) }),
    );
    await expect(read(write.dictionary({ w: rewritten }))).rejects.toThrow("its pickle is refused");
  });

  test("that doubles at each level, or contains itself", async () => {
    let graph = write.dictionary({});
    for (let level = 0; level < 40; level++) {
      graph = write.dictionary({ a: write.remember(level, graph), b: write.recall(level) });
    }
    await expect(read(graph)).rejects.toThrow("weights.pt: has more than 200000 values");
    const circle = [...write.remember(0, [0x7d]), ...write.string("a"), ...write.recall(0), 0x73];
    await expect(read(circle)).rejects.toThrow("weights.pt: nests deeper than 64 levels");
  });

  test("that asks for far more copies than there are bytes", async () => {
    const transposed = { shape: [3, 2], strides: [1, 3] };
    const large = { 0: write.bytesOf(new Float32Array(30_000)) };
    const column = { shape: [15_000, 2], strides: [1, 15_000] };
    const shared = write.remember(0, write.storage("0", 30_000));
    const copies = Array.from({ length: 50 }, (_, i) => [
      `w${i}`,
      write.tensor(i === 0 ? shared : write.recall(0), column),
    ]);
    await expect(read(write.dictionary(Object.fromEntries(copies)), large)).rejects.toThrow(
      "more copies of its tensors",
    );
    expect(await read(write.dictionary({ w: write.tensor(write.storage("0", 6), transposed) }))).toHaveProperty("w");
    // Values of 16 bits become 32-bit floats, however large the file is.
    const half = { 0: new Uint8Array(200_000) };
    const state = write.dictionary({
      w: write.tensor(write.storage("0", 100_000, "HalfStorage"), { shape: [100_000], strides: [1] }),
    });
    expect((await read(state, half)).w?.data.length).toBe(100_000);
  });
});

describe("an archive is refused", () => {
  const graph = write.dictionary({ w: write.tensor(write.storage("0", 6), matrix) });
  const whole = write.archive(graph, storages);

  test.each([
    ["../../outside", "has a path that leaves the archive"],
    ["/absolute", "has a path that leaves the archive"],
    ["weights\\data\\0", "has a path that leaves the archive"],
  ])("that holds the entry %s", async (name, message) => {
    const bytes = write.archive(graph, storages, { [name]: Buffer.from("x") });
    await expect(arraysIn(bytes)).rejects.toThrow(message);
  });

  test("whose tensors are compressed, as a zip bomb's are", async () => {
    const bomb = zipOf([
      { name: "weights/data.pkl", content: "N.", stored: true },
      { name: "weights/data/0", content: new Uint8Array(10_000_000) },
    ]);
    await expect(arraysIn(bomb)).rejects.toThrow('"weights/data/0": is compressed');
  });

  test("whose entry declares more bytes than the archive has", async () => {
    const bytes = new Uint8Array(whole);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (view.getUint32(at, true) !== 0x02014b50) continue;
      view.setUint32(at + 20, 2 ** 31, true);
      view.setUint32(at + 24, 2 ** 31, true);
    }
    await expect(arraysIn(bytes)).rejects.toThrow("declares 2147483648 bytes, more than the archive has left");
  });

  test("at every length it may be cut to", async () => {
    for (let length = 0; length < whole.length; length += 7) {
      await expect(arraysIn(whole.subarray(0, length))).rejects.toThrow("weights.pt");
    }
  });

  test("without a pickle, with two, or in big-endian order", async () => {
    await expect(arraysIn(zipOf([{ name: "a/b", content: "x" }]))).rejects.toThrow("weights.pt: holds 0 entries");
    const two = write.archive(graph, storages, { "other/data.pkl": Buffer.from("N.") });
    await expect(arraysIn(two)).rejects.toThrow("weights.pt: holds 2 entries");
    const big = write.archive(graph, storages, { "weights/byteorder": Buffer.from("big") });
    await expect(arraysIn(big)).rejects.toThrow('byte order "big"');
  });
});
