import { spawnSync } from "node:child_process";
import { gunzipSync, gzipSync } from "node:zlib";
import { unpackArchive } from "../../../lib/data/fetching/unpack";
import { readTorchFile } from "../../../lib/interop/torch-file";
import { tarGz } from "../../data/fetching/archives";
import * as write from "../../interop/torch-writer";
import { zipOf } from "../../zip-writer";
import type { FuzzTarget } from "../fuzz-target";
import { arraysText, filesText } from "./digest";

const limits = { entries: 20, bytesPerEntry: 1_000_000, bytes: 2_000_000 };

async function unpacked(path: string, out: string): Promise<string> {
  const format = path.endsWith(".zip") ? "zip" : path.endsWith(".xz") ? "tar.xz" : "tar.gz";
  await unpackArchive(path, format, { folder: out, topFolder: null, limits });
  return filesText(out);
}

const long = `${"folder/".repeat(16)}name`;

/** Tar archives, packed by gzip or by xz. */
export const tarTarget: FuzzTarget = {
  name: "tar",
  valid: async () => {
    const packed = await tarGz([
      { name: "top/", type: "directory" },
      { name: "top/a.bin", content: "content of a" },
      { name: `top/${long}`, content: "a long name" },
      { name: "top/ünï", content: "x".repeat(600) },
    ]);
    const tar = gunzipSync(packed);
    return [
      { file: "a.tar.gz", bytes: packed },
      { file: "a.tar.gz", bytes: tar, finish: (mutated) => gzipSync(withChecksums(mutated)) },
      { file: "a.tar.gz", bytes: tar, finish: (mutated) => gzipSync(mutated) },
      { file: "a.tar.xz", bytes: spawnSync("xz", ["--stdout"], { input: tar }).stdout },
    ];
  },
  read: unpacked,
};

/** A tar archive whose every header has got the checksum of its bytes. */
export function withChecksums(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    const header = tar.subarray(at, at + 512);
    if (header.toString("latin1", 257, 262) !== "ustar") continue;
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return tar;
}

/** Zip archives. */
export const zipTarget: FuzzTarget = {
  name: "zip",
  valid: async () => [
    {
      file: "a.zip",
      bytes: zipOf([
        { name: "top/" },
        { name: "top/a.bin", content: "content of a", stored: true },
        { name: "top/b.bin", content: "b".repeat(900) },
        { name: "top/ünï", content: "c" },
      ]),
    },
    { file: "a.zip", bytes: zipOf([{ name: "a", content: "one", stored: true }]) },
  ],
  read: unpacked,
};

const floats = Float32Array.from({ length: 6 }, (_, i) => i / 4);
const doubles = Float64Array.from({ length: 6 }, (_, i) => i / 3);
const matrix = { shape: [2, 3], strides: [3, 1] };
const transposed = { shape: [3, 2], strides: [1, 3] };

/** Files of torch.save and TorchScript. */
export const torchTarget: FuzzTarget = {
  name: "torch",
  valid: async () => {
    const storages = {
      0: write.bytesOf(floats),
      1: write.bytesOf(doubles),
      2: write.bytesOf(BigInt64Array.of(3n)),
    };
    const state = write.orderedDictionary({
      "conv1.weight": write.tensor(write.storage("0", 6), matrix),
      "fc.weight": write.tensor(write.storage("1", 6, "DoubleStorage"), transposed),
      steps: write.tensor(write.storage("2", 1, "LongStorage"), { shape: [], strides: [] }),
    });
    const script = write.module("Net", { w: write.tensor(write.storage("0", 6), transposed), on: write.truth });
    return [state, script].map((graph) => ({ file: "w.pt", bytes: write.archive(graph, storages) }));
  },
  read: async (path) =>
    arraysText(Object.entries(await readTorchFile(path)).map(([name, array]) => ({ name, ...array }))),
};

/** The same with checksums that are right: the mutations are inside the pickle. */
export const pickleTarget: FuzzTarget = {
  name: "pickle",
  valid: async () => {
    const graph = write.dictionary({ w: write.tensor(write.storage("0", 6), matrix), more: write.dictionary({}) });
    const finish = (pickle: Buffer): Buffer =>
      zipOf([
        { name: "weights/data.pkl", content: pickle, stored: true },
        { name: "weights/data/0", content: write.bytesOf(floats), stored: true },
      ]);
    return [{ file: "w.pt", bytes: Uint8Array.from([0x80, 2, ...graph, 0x2e]), finish }];
  },
  read: torchTarget.read,
};
