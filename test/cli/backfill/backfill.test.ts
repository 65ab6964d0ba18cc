import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { learnAdapter } from "../../../lib/adapters/learn";
import { matrixSource } from "../../../lib/adapters/pairs/pairs";
import { saveAdapter } from "../../../lib/adapters/save-adapter";
import { curveCommand } from "../../../lib/cli/backfill/curve";
import { curveFile } from "../../../lib/cli/backfill/curve-file";
import { orderCommand } from "../../../lib/cli/backfill/order";
import { orderFile } from "../../../lib/cli/backfill/order-file";
import { evaluateRetrieval } from "../../../lib/retrieval/evaluate";
import { normalRows } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { writeMatrix } from "../small-transformation";

const line = { show: () => {}, keep: () => {} };
const items = 80;
const [old, next] = [normalRows("old", items, 6), normalRows("new", items, 4)];
const classes = Array.from({ length: items }, (_, i) => i % 8);

async function files(kind: "fastfill" | "linear") {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeMatrix(path("old.npy"), old);
  writeMatrix(path("new.npy"), next);
  writeFileSync(path("y.csv"), ["class", ...classes.map((label) => `c${label}`)].join("\n"));
  const pairs = { from: matrixSource("old", old), side: null, to: matrixSource("new", next) };
  const nothing = { checkpoint: { load: () => null, save: () => {} }, progress: { report: () => {} } };
  const learned = await learnAdapter(
    { pairs, kind, epochs: 2, inner: 8, batchSize: 32 },
    { ...nothing, signal: new AbortController().signal },
  );
  saveAdapter(path("h.safetensors"), learned, { pairs, data: { from: "0", side: null, to: "1" } });
  return {
    weights: path("h.safetensors"),
    old: path("old.npy"),
    new: path("new.npy"),
    labels: path("y.csv"),
    out: path("order.csv"),
  };
}

describe("the order of what to embed again", () => {
  it("begins with the largest predicted error, and is written as CSV", async () => {
    const names = await files("fastfill");
    const { items: order, predictedError } = await orderFile(names, line);
    const [head, ...lines] = readFileSync(names.out, "utf8").trim().split("\n");
    expect(head).toBe("rank,item,predicted_error");
    expect(lines.map((line) => line.split(",").map(Number))).toEqual(
      Array.from(order, (item, place) => [place + 1, item, predictedError[item]]),
    );
    const errors = Array.from(order, (item) => predictedError[item] as number);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(items);
    await expect(orderFile(names, line)).rejects.toThrow(/it exists/);
    const npy = { ...names, out: `${names.out}.npy` };
    await expect(orderFile(npy, line)).rejects.toThrow("order.csv.npy: its ending must be .csv");
  });

  it("takes the place of no input, not even by force", async () => {
    const names = await files("fastfill");
    for (const input of [names.weights, names.old, names.new]) {
      const choices = { ...names, side: `${names.new}#vectors`, out: input, force: true };
      await expect(orderFile(choices, line)).rejects.toThrow(/it is an input/);
    }
  });

  it("needs an h that predicts its error", async () => {
    await expect(orderFile(await files("linear"), line)).rejects.toThrow(/does not predict.*--kind fastfill/);
  });
});

describe("the curve of an update", () => {
  it("ends, in every order, where everything has been embedded again", async () => {
    const names = await files("fastfill");
    const { curves } = await curveFile({ ...names, points: 3 }, line);
    expect(Object.keys(curves)).toEqual(["predicted", "random", "hindsight"]);
    const { top1, mAP } = evaluateRetrieval({ gallery: next, query: next, labels: classes, excludeSelf: true });
    for (const curve of Object.values(curves)) {
      expect(curve.shares).toEqual([0, 0.5, 1]);
      expect([curve.top1[2], curve.mAP[2]]).toEqual([top1, mAP]);
    }
  });

  it("refuses files that do not fit", async () => {
    const names = await files("linear");
    await expect(curveFile({ ...names, new: names.old }, line)).rejects.toThrow(
      /it is 80 x 6, the mapped gallery 80 x 4/,
    );
    await expect(curveFile({ ...names, old: names.new }, line)).rejects.toThrow(
      /has 4 dimensions, h of .* takes 6 together/,
    );
  });
});

it("nothing of an order or a curve keeps Ctrl-C from ending the process", async () => {
  const { weights, old, new: to, labels, out } = await files("fastfill");
  vi.spyOn(console, "log").mockImplementation(() => {});
  const listeners = vi.spyOn(process, "once");
  await orderCommand().parseAsync(["--weights", weights, "--old", old, "--out", out], { from: "user" });
  const words = ["--weights", weights, "--old", old, "--new", to, "--labels", labels, "--points", "2"];
  await curveCommand().parseAsync(words, { from: "user" });
  expect(listeners.mock.calls.filter(([name]) => name === "SIGINT")).toEqual([]);
  vi.restoreAllMocks();
});
