import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mapCommand } from "../../../lib/cli/map/map";
import { type MapChoices, mapFile } from "../../../lib/cli/map/map-file";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import { matrix } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import { openMatrix } from "../../../lib/files/matrix-file";
import { initialTransformation } from "../../../lib/nn/transformation";
import { tf } from "../../../lib/tf/tensorflow";
import { mapEmbeddings } from "../../../lib/training/embed";
import { normalRows } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { storedTransformation, writeMatrix } from "../small-transformation";

type MapContext = Parameters<typeof mapFile>[1];

const quiet = { show: () => {}, keep: () => {} };
const context: MapContext = { line: quiet, signal: new AbortController().signal, checkpointRows: 4096 };

/** A context in which the mapping stops after `rows` rows have been shown as mapped. */
function stoppingAfter(rows: number): MapContext {
  const controller = new AbortController();
  const show = (text: string): void => {
    if (Number(/mapped rows (\d+)/.exec(text)?.[1] ?? 0) >= rows) controller.abort(new Error("stopped"));
  };
  return { ...context, line: { ...quiet, show }, signal: controller.signal };
}

describe("a mapped file", () => {
  it("holds what mapEmbeddings gives in memory, to the bit, as NPY and as safetensors", async () => {
    const { weights, old, side, paths } = storedTransformation(temporaryFolder(), 10_000);
    const { embeddings: expected } = mapEmbeddings({}, weights, { old, side });
    const tensors = tf.memory().numTensors;
    for (const out of [paths.out, `${paths.out}.safetensors`]) {
      expect(await mapFile({ ...paths, out }, context)).toEqual({ rows: 10_000, columns: 4, continuedFrom: 0 });
      const file = await openMatrix(out);
      expect((await file.read(0, 10_000)).data).toEqual(expected.data);
      await file.close();
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(readdirSync(join(paths.out, "..")).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("takes the old embeddings as side-information where there is none", async () => {
    const folder = temporaryFolder();
    const paths = {
      weights: join(folder, "h.safetensors"),
      old: join(folder, "old.npy"),
      out: join(folder, "new.npy"),
    };
    const weights = initialTransformation({ old: 3, side: 3, target: 2, inner: 4 }, random("without"));
    const old = normalRows("old", 50, 3);
    writeArtifact(paths.weights, { arrays: weights, facts: {} });
    writeMatrix(paths.old, old);
    await mapFile(paths, context);
    const file = await openMatrix(paths.out);
    expect((await file.read(0, 50)).data).toEqual(mapEmbeddings({}, weights, { old, side: old }).embeddings.data);
    await file.close();
  });
});

describe("an h of another form", () => {
  it.each([{ linear: true } as const, { layers: 0 }, { layers: 4 }])("is known by its weights: %j", async (form) => {
    const { old, side, paths } = storedTransformation(temporaryFolder(), 60);
    const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6, ...form }, random("other form"));
    writeArtifact(paths.weights, { arrays: weights, facts: {} });
    await mapFile(paths, context);
    const file = await openMatrix(paths.out);
    expect((await file.read(0, 60)).data).toEqual(mapEmbeddings(form, weights, { old, side }).embeddings.data);
    await file.close();
  });
});

describe("a mapping that was stopped", () => {
  it("continues to the bytes of one that was not, wherever it was stopped", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 10_000);
    await mapFile(paths, context);
    const whole = readFileSync(paths.out);
    const stops = [4096, 16 * 4096].flatMap((every) => [1, 5000].map((rows) => [rows, every] as const));
    for (const [rows, checkpointRows] of stops) {
      const out = join(paths.out, "..", `${rows}-${checkpointRows}.npy`);
      await expect(mapFile({ ...paths, out }, { ...stoppingAfter(rows), checkpointRows })).rejects.toThrow("stopped");
      expect(existsSync(out)).toBe(false);
      const { continuedFrom } = await mapFile({ ...paths, out }, context);
      expect(continuedFrom).toBe(Math.ceil(rows / 4096) * 4096);
      expect(readFileSync(out).equals(whole)).toBe(true);
    }
  });

  it.each([
    ["--weights", "weights"],
    ["--old", "old"],
    ["--side", "side"],
  ] as const)("is not continued from other values of %s, and says so", async (option, name) => {
    const { old, side, paths } = storedTransformation(temporaryFolder(), 9000);
    await expect(mapFile(paths, stoppingAfter(4096))).rejects.toThrow("stopped");
    const changed = join(paths.out, "..", "changed");
    if (name === "weights") {
      const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("other"));
      writeArtifact(changed, { arrays: weights, facts: {} });
    } else {
      const { rows, columns, data } = name === "old" ? old : side;
      writeMatrix(changed, matrix(rows, columns, data.with(rows * columns - 1, 7)));
    }
    const message = new RegExp(`new\\.npy\\.partial .*${option} was .* and is .*changed`);
    await expect(mapFile({ ...paths, [name]: changed }, context)).rejects.toThrow(message);
    expect((await mapFile(paths, context)).continuedFrom).toBe(4096);
  });

  it("begins anew where its rows or its record are gone, and refuses a record that is none", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 9000);
    await mapFile({ ...paths, out: `${paths.out}.whole.npy` }, context);
    const whole = readFileSync(`${paths.out}.whole.npy`);
    const damages = [
      () => rmSync(`${paths.out}.partial`),
      () => rmSync(`${paths.out}.partial.json`),
      () => writeFileSync(`${paths.out}.partial`, "short"),
    ];
    for (const damage of damages) {
      await expect(mapFile(paths, stoppingAfter(4096))).rejects.toThrow("stopped");
      damage();
      expect((await mapFile(paths, context)).continuedFrom).toBe(0);
      expect(readFileSync(paths.out).equals(whole)).toBe(true);
      rmSync(paths.out);
    }
    await expect(mapFile(paths, stoppingAfter(4096))).rejects.toThrow("stopped");
    writeFileSync(`${paths.out}.partial.json`, "{}");
    await expect(mapFile(paths, context)).rejects.toThrow(/partial\.json is not a record.*remove .*\.partial/);
  });

  it("by kill -9 leaves no file but its state, and continues to the same bytes", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 140_000);
    const words = ["--weights", paths.weights, "--old", paths.old, "--side", paths.side, "--out"];
    const program = resolve(import.meta.dirname, "..", "..", "..", "lib/dist/cli/fct.js");
    const run = (out: string) => spawn(process.execPath, [program, "map", ...words, out], { stdio: "ignore" });
    const ended = (child: ReturnType<typeof run>) => new Promise((done) => child.once("exit", (code) => done(code)));
    const killed = run(paths.out);
    const end = ended(killed);
    while (!existsSync(`${paths.out}.partial.json`) && killed.exitCode === null) await setTimeout(2);
    killed.kill("SIGKILL");
    expect(await end).toBe(null);
    expect(existsSync(paths.out)).toBe(false);
    const { done } = JSON.parse(readFileSync(`${paths.out}.partial.json`, "utf8"));
    expect((await mapFile(paths, context)).continuedFrom).toBe(done);
    expect(done).toBeGreaterThan(0);
    const other = `${paths.out}.whole.npy`;
    await mapFile({ ...paths, out: other }, context);
    expect(readFileSync(paths.out).equals(readFileSync(other))).toBe(true);
  });
});

describe("refused with its name is", () => {
  async function expectRefusal(change: (paths: MapChoices) => Partial<MapChoices>, message: RegExp): Promise<void> {
    const { paths } = storedTransformation(temporaryFolder(), 20);
    await expect(mapFile({ ...paths, ...change(paths) }, context)).rejects.toThrow(message);
    expect(readdirSync(join(paths.out, "..")).some((name) => name.startsWith("new."))).toBe(false);
  }

  it("a file of other dimensions than h takes, or other rows", async () => {
    await expectRefusal(({ old }) => ({ side: old }), /old\.npy.* 5 dimensions.*h\.safetensors takes 3 of side/);
    await expectRefusal(({ side = "" }) => ({ old: side }), /side\.npy.* 3 dimensions.* takes 5 of old/);
    await expectRefusal(({ side = "" }) => {
      writeMatrix(side, normalRows("few", 19, 3));
      return {};
    }, /side\.npy.* 19 rows.*old\.npy.* 20/);
  });

  it("weights of another network, and a file that is none", async () => {
    await expectRefusal(({ weights }) => {
      writeArtifact(weights, { arrays: { classifier: { shape: [1], data: Float32Array.of(1) } }, facts: {} });
      return {};
    }, /h\.safetensors .*no weights of h.*classifier/);
    await expectRefusal(({ old }) => ({ weights: old }), /old\.npy: is not a valid safetensors file/);
    await expectRefusal(() => ({ weights: "/nowhere/h.safetensors" }), /\/nowhere\/h\.safetensors: there is no such file/);
  });

  it("a place where nothing can be written, and one of the inputs", async () => {
    await expectRefusal(() => ({ out: "new.csv" }), /new\.csv.*\.npy.*\.safetensors/);
    await expectRefusal(() => ({ out: "/nowhere/new.npy" }), /no folder \/nowhere/);
    await expectRefusal(({ old }) => ({ out: old }), /old\.npy is an input/);
  });

  it("a value that is not finite, before anything is mapped", async () => {
    await expectRefusal(({ old }) => {
      const { rows, columns, data } = normalRows("old", 20, 5);
      writeMatrix(old, matrix(rows, columns, data.with(96, Number.NaN).with(98, Number.POSITIVE_INFINITY)));
      return {};
    }, /old\.npy.* 2 values .*row 19, column 1 \(NaN\)/);
  });

  it.each([
    [["--weights", "h", "--old", "o"], /required option '--out <file>' not specified/],
    [["--weights", "h", "--old", "o", "--out", "n", "--force"], /unknown option '--force'/],
    [["--weights", "h", "--old", "o", "--out", "n", "more"], /too many arguments/],
  ])("a command line that is not understood: %j", async (words, said) => {
    expect(await refusal(mapCommand(), words)).toMatch(said);
  });
});
