import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cardPath, readCard } from "../../../lib/adapters/card";
import { learnCommand } from "../../../lib/cli/learn/learn";
import { learnFile } from "../../../lib/cli/learn/learn-file";
import { mapFile } from "../../../lib/cli/map/map-file";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { readMatrix } from "../../../lib/files/matrix-file";
import { normalRows } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { writeMatrix } from "../small-transformation";

const quiet = { show: () => {}, keep: () => {} };
const context = { line: quiet, signal: new AbortController().signal };
const memory = 2 ** 30;

/** Rows of `hidden` times a matrix drawn by name, which makes a space of its own. */
function mixed(name: string, hidden: Matrix, columns: number): Matrix {
  const mixing = normalRows(name, hidden.columns, columns);
  const value = (at: number): number => {
    let sum = 0;
    for (let k = 0; k < hidden.columns; k++) {
      const [h, m] = [
        hidden.data[Math.floor(at / columns) * hidden.columns + k],
        mixing.data[k * columns + (at % columns)],
      ];
      sum += (h as number) * (m as number);
    }
    return sum;
  };
  return matrix(
    hidden.rows,
    columns,
    Float32Array.from({ length: hidden.rows * columns }, (_, at) => value(at)),
  );
}

/** Files of pairs of 6 and 5 dimensions, and of vectors of another space of 6. */
function files(rows = 120) {
  const folder = temporaryFolder();
  const hidden = normalRows("hidden", rows, 4);
  const path = (name: string): string => join(folder, name);
  writeMatrix(path("old.npy"), mixed("old", hidden, 6));
  writeMatrix(path("new.npy"), mixed("new", hidden, 5));
  writeMatrix(path("square.npy"), mixed("square", hidden, 6));
  writeMatrix(path("other.npy"), mixed("other", hidden, 6));
  return { old: path("old.npy"), new: path("new.npy"), out: path("h.safetensors"), path };
}

describe("a learned adapter", () => {
  it("is a file of weights and a card, and maps the vectors of its space alone", async () => {
    const { path, ...names } = files();
    const card = await learnFile({ ...names, kind: "linear", memory }, context);
    expect(card.sizes).toMatchObject({ from: 6, side: null, to: 5, parameters: 35, bytes: 140 });
    expect(card.heldOut.cosine).toBeGreaterThan(0.99);
    expect(readCard(names.out)).toEqual(card);
    await mapFile({ weights: names.out, old: names.old, out: path("mapped.npy") }, context);
    const [mapped, next] = [await readMatrix(path("mapped.npy")), await readMatrix(names.new)];
    expect(Math.max(...mapped.data.map((value, i) => Math.abs(value - (next.data[i] as number))))).toBeLessThan(0.01);
    const other = { weights: names.out, old: path("other.npy"), out: path("wrong.npy") };
    await expect(mapFile(other, context)).rejects.toThrow(/other\.npy: .*another space.*--any-space/);
    expect(existsSync(path("wrong.npy"))).toBe(false);
    await mapFile({ ...other, anySpace: true }, context);
  });

  it("is the same whether its vectors lie in memory or in files", async () => {
    const { path, ...names } = files(60);
    const options = { kind: "fct", epochs: 2, inner: 8, batchSize: 16 } as const;
    const whole = await learnFile({ ...names, ...options, memory }, context);
    const inFiles = await learnFile({ ...names, ...options, memory: 1, out: path("again.safetensors") }, context);
    expect(inFiles).toEqual(whole);
  });

  it("is the same of pairs in several files", async () => {
    const { path, ...names } = files();
    for (const name of ["old", "new"]) {
      mkdirSync(path(name));
      const { columns, data } = await readMatrix(path(`${name}.npy`));
      [0, 50, 51, 120].reduce((first, end) => {
        const rows = matrix(end - first, columns, data.slice(first * columns, end * columns));
        writeMatrix(join(path(name), `part-${end}.npy`), rows);
        return end;
      });
    }
    const several = { old: path("old"), new: join(path("new"), "part-*.npy"), out: path("several.safetensors") };
    const one = await learnFile({ ...names, kind: "linear", memory }, context);
    const other = await learnFile({ ...several, kind: "linear", memory: 1000 }, context);
    expect(readFileSync(several.out)).toEqual(readFileSync(names.out));
    expect(other.data).toEqual(one.data);
  });

  it("maps queries back if it was learned for that, or has an exact inverse", async () => {
    const { path, ...names } = files();
    await learnFile({ ...names, kind: "linear", direction: "query", memory }, context);
    const back = { weights: names.out, old: names.new, out: path("back.npy"), direction: "query" } as const;
    await mapFile(back, context);
    expect((await readMatrix(path("back.npy"))).columns).toBe(6);
    await expect(mapFile({ ...back, direction: "gallery", out: path("b.npy") }, context)).rejects.toThrow(
      /queries back/,
    );
    const square = { ...names, new: path("square.npy"), out: path("p.safetensors"), kind: "procrustes" } as const;
    await learnFile({ ...square, memory }, context);
    const there = { weights: square.out, old: names.old, out: path("there.npy") };
    await mapFile(there, context);
    const here = {
      weights: square.out,
      old: there.out,
      out: path("here.npy"),
      direction: "query",
      anySpace: true,
    } as const;
    await mapFile(here, context);
    const [old, again] = [await readMatrix(names.old), await readMatrix(here.out)];
    expect(Math.max(...again.data.map((value, i) => Math.abs(value - (old.data[i] as number))))).toBeLessThan(1e-4);
  });

  it("that was stopped continues to the same bytes, and refuses other options meanwhile", async () => {
    const { path, ...names } = files(60);
    const options = { ...names, kind: "fct", epochs: 3, inner: 8, batchSize: 16, memory } as const;
    await learnFile(options, context);
    const out = path("stopped.safetensors");
    const controller = new AbortController();
    const show = (text: string): void => {
      if (text.startsWith("epoch 3/3")) controller.abort(new Error("stopped"));
    };
    const stopping = { line: { ...quiet, show }, signal: controller.signal };
    await expect(learnFile({ ...options, out }, stopping)).rejects.toThrow("stopped");
    await expect(learnFile({ ...options, out, seed: 1 }, context)).rejects.toThrow(/begun with other inputs/);
    await learnFile({ ...options, out }, context);
    for (const name of [(h: string) => h, cardPath])
      expect(readFileSync(name(out)).equals(readFileSync(name(names.out)))).toBe(true);
    expect(existsSync(`${out}.partial`)).toBe(false);
  });
});

describe("a low-rank map of fewer dimensions than its rank", () => {
  it("says so, and its card has the rank that it has and the options that its kind uses", async () => {
    const { path, ...names } = files();
    writeFileSync(path("labels.csv"), ["class", ...Array.from({ length: 120 }, (_, i) => i)].join("\n"));
    const kept: string[] = [];
    const line = { ...quiet, keep: (text: string) => void kept.push(text) };
    await learnFile({ ...names, kind: "low-rank", labels: path("labels.csv"), memory }, { ...context, line });
    expect(kept).toContain("note: the rank is 5, not 64: there are no more dimensions");
    expect(kept).toContain("note: no class has two held-out items, so the share of the gap is left out");
    expect(readCard(names.out)).toMatchObject({ sizes: { inner: 5 }, heldOut: { top1: null } });
    expect(readCard(names.out)?.recipe).toEqual({ rank: 64, seed: 0, heldOut: 0.1 });
  });
});

describe("what cannot be used", () => {
  it("is refused with the file and a remedy", async () => {
    const { path, ...names } = files();
    const learning = (changes: object) => learnFile({ ...names, kind: "linear", memory, ...changes }, context);
    await expect(learning({ out: path("h.npy") })).rejects.toThrow(/must be \.safetensors/);
    await expect(learning({ kind: "procrustes", epochs: 7 })).rejects.toThrow(
      "epochs: expected none with kind procrustes, which does not use it, got 7",
    );
    await expect(learning({ kind: "low-rank", inner: 9 })).rejects.toThrow(/inner: expected none with kind low-rank/);
    await expect(learning({ kind: "fct", rank: 3 })).rejects.toThrow(/rank: expected none with kind fct/);
    await expect(learning({ direction: "query", side: names.old })).rejects.toThrow(/leave --side out/);
    writeMatrix(path("short.npy"), normalRows("short", 30, 5));
    await expect(learning({ new: path("short.npy") })).rejects.toThrow(/it has 30 rows, .*old\.npy 120/);
    await learning({});
    await expect(learning({})).rejects.toThrow(/it exists.*--force/);
    const [labels, alsoLabels] = [path("labels.csv"), path("labels.safetensors")];
    writeFileSync(labels, ["class", ...Array.from({ length: 120 }, (_, i) => i % 8)].join("\n"));
    linkSync(labels, alsoLabels);
    await expect(learning({ labels, out: alsoLabels, force: true })).rejects.toThrow(/it is an input/);
    const card = readFileSync(cardPath(names.out), "utf8");
    writeFileSync(cardPath(names.out), card.replace('"kind": "linear"', '"kind": "residual"'));
    const mapping = { weights: names.out, old: names.old, out: path("mapped.npy") };
    await expect(mapFile(mapping, context)).rejects.toThrow(/card\.json: it is damaged/);
  });

  it.each([
    [["--kind", "what"], /fct, fastfill, residual/],
    [["--epochs", "0"], /A whole number, 1 to 100000, is allowed/],
    [["--learning-rate", "-1"], /A number above 0 is allowed/],
  ])("on the command line says what is allowed: %j", async (words, says) => {
    const needed = ["--old", "o.npy", "--new", "n.npy", "--out", "h.safetensors"];
    expect(await refusal(learnCommand(), [...needed, ...words])).toMatch(says);
  });
});
