import { cpSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readBench } from "../../../lib/bench/result";
import { readMakingRecord } from "../../../lib/core/artifacts/record";
import { canonicalJson, hashOf, sha256 } from "../../../lib/core/hash";
import { InputError } from "../../../lib/core/input-error";
import { projectRoot } from "../../../lib/core/paths";
import { getDataset } from "../../../lib/data/fetching/get-dataset";
import type { PublishedDataset } from "../../../lib/data/fetching/published-dataset";
import { readChecked } from "../../../lib/data/fetching/verified-file";
import { parseResult, resultJson } from "../../../lib/experiments/results/result-file";
import { unfinishedOutput } from "../../../lib/files/unfinished-output";
import { madeUpResult } from "../../report/made-up-result";
import { madeUpUpdates } from "../../report/made-up-updates";
import type { FuzzTarget } from "../fuzz-target";

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** Results of tables. */
export const resultTarget: FuzzTarget = {
  name: "result",
  valid: async () =>
    [madeUpResult, madeUpUpdates].map((made) => ({ file: "made-up.json", bytes: Buffer.from(resultJson(made)) })),
  read: async (path) => {
    const { table, scale, title, seeds, rows } = parseResult(readFileSync(path, "utf8"), path);
    const texts = rows.map(({ id, label, perSeed, metrics }) =>
      [
        JSON.stringify(id),
        JSON.stringify(label),
        ...perSeed.map(({ mAP }) => mAP.toFixed(4)),
        metrics.mAP.mean.toFixed(4),
      ].join(" "),
    );
    return [...[table, scale, title].map((text) => JSON.stringify(text)), seeds.join(","), ...texts].join("\n");
  },
};

/** The benchmark's numbers. */
export const benchTarget: FuzzTarget = {
  name: "bench",
  valid: async () => [{ file: "bench.json", bytes: readFileSync(join(projectRoot(), "results", "bench.json")) }],
  read: async (path) => {
    const bench = readBench(path);
    return bench === null ? "none" : bench.comparisons.map(({ id, unit }) => JSON.stringify([id, unit])).join("\n");
  },
};

const content = Buffer.from("committed content");

/** The checksums of committed data. */
export const checksumsTarget: FuzzTarget = {
  name: "checksums",
  beside: async () => ({ "a.zip": content }),
  valid: async () => [
    { file: "checksums.json", bytes: json({ "a.zip": { bytes: content.length, sha256: sha256(content) } }) },
  ],
  read: async (path) => sha256(await readChecked(dirname(path), "a.zip")),
};

const environment = {
  node: "v20",
  tensorflow: "2.21",
  platform: "linux x64",
  device: "CPU",
  cores: 2,
  memoryGiB: 24,
  commit: null,
};

/** Records of how an artifact was made. */
export const makingTarget: FuzzTarget = {
  name: "making",
  valid: async () => {
    const record = { label: "a net", date: "2026-01-02T03:04:05.678Z", seconds: 12.5, environment };
    const known = { dataset: { kind: "pixels", sha256: sha256("pixels") } };
    const sealed = { ...record, sha256: hashOf(record) };
    return [record, { ...record, read: known }, sealed].map((made) => ({ file: "train-0123.json", bytes: json(made) }));
  },
  read: async (path) => {
    const record = readMakingRecord(path.replace(/json$/, "safetensors"));
    return record === null
      ? "none"
      : canonicalJson([record.label, record.date, record.seconds, record.environment.cores]);
  },
};

/** What a dataset's folder says it was unpacked from. */
export const stampTarget: FuzzTarget = {
  name: "stamp",
  beside: async () => ({ "example/data.bin": content }),
  valid: async () => [
    {
      file: "example/unpacked-from.json",
      bytes: json({ files: [{ name: "a.tar.gz", bytes: 123, sha256: sha256(content) }] }),
    },
  ],
  read: async (path) => {
    const notes: string[] = [];
    const fetched = dirname(dirname(path));
    const places = { committed: fetched, fetched, mirror: null };
    const source = { kind: "fetched", files: [], topFolder: null, unpacked: { entries: 1, bytes: 1 } } as const;
    const dataset: PublishedDataset = { title: "Example", home: "", terms: "", source, expects: ["data.bin"] };
    await getDataset("example", dataset, { places, note: (text) => notes.push(text), progress: () => () => {} });
    return notes.join("\n").replace(fetched, "");
  },
};

const identity = { "--old": { file: "old.npy", sha256: sha256("old") } };

/** The record of a mapping that was stopped. */
export const progressTarget: FuzzTarget = {
  name: "progress",
  beside: async () => ({ "new.npy.partial": Buffer.alloc(4 + 8 * 4) }),
  valid: async () => [
    { file: "new.npy.partial.json", bytes: json({ done: 5, identity, written: sha256(new Uint8Array(24)) }) },
  ],
  read: async (path, folder) => {
    cpSync(dirname(path), folder, { recursive: true });
    const warnings: string[] = [];
    const output = await unfinishedOutput(join(folder, "new.npy"), {
      ...{ header: Buffer.alloc(4), columns: 1, identity, replace: false, onChecked: () => {} },
      warn: (message) => warnings.push(message),
    });
    await output.close();
    // The mapping begins anew, and says so.
    for (const fault of warnings) throw new InputError({ file: path, fault });
    return `${output.done}`;
  },
};
