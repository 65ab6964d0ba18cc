import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mapCommand } from "../../../lib/cli/map/map";
import { type MapChoices, mapFile } from "../../../lib/cli/map/map-file";
import { writeMakingRecord } from "../../../lib/core/artifacts/record";
import { encodeHeader } from "../../../lib/core/artifacts/safetensors";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import { matrix } from "../../../lib/core/matrix";
import { arrayNamed, type NamedArray } from "../../../lib/core/named-arrays";
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
      expect(await mapFile({ ...paths, out }, context)).toEqual({
        rows: 10_000,
        columns: 4,
        continuedFrom: 0,
        kept: false,
      });
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
    const message = new RegExp(`new\\.npy\\.partial: .*${option} was .* and is .*changed`);
    await expect(mapFile({ ...paths, [name]: changed }, context)).rejects.toThrow(message);
    expect((await mapFile(paths, context)).continuedFrom).toBe(4096);
  });

  it("begins anew where its rows or its record are gone or damaged, and says so", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 9000);
    await mapFile({ ...paths, out: `${paths.out}.whole.npy` }, context);
    const whole = readFileSync(`${paths.out}.whole.npy`);
    const [rows, record] = [`${paths.out}.partial`, `${paths.out}.partial.json`];
    const edit = (change: (text: string) => string) => writeFileSync(record, change(readFileSync(record, "utf8")));
    const flip = (at: number): void => {
      const bytes = readFileSync(rows);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(rows, bytes);
    };
    const damages: readonly (readonly [() => void, RegExp | null])[] = [
      [() => rmSync(rows), null],
      [() => rmSync(record), null],
      [() => writeFileSync(rows, "short"), /^warning: .*new\.npy\.partial: it is cut short: 65\d+ bytes .* 5 found/],
      [() => flip(3), /^warning: .*new\.npy\.partial: its rows are not those that were written; all rows are mapped/],
      [() => flip(128 + 5000), /partial: its rows are not/],
      [() => flip(128 + 4096 * 16 - 1), /partial: its rows are not/],
      [() => writeFileSync(record, "{}"), /^warning: .*partial\.json: it is damaged: /],
      [() => edit((text) => text.slice(0, 60)), /partial\.json: it is damaged: it is not a JSON object/],
      [() => edit((text) => text.replace('"done": 4', '"done": 3')), /json: it is damaged: its checksum/],
      [() => edit((text) => text.replace(/"sha256": "./, '"sha256": "x')), /json: it is damaged: its checksum/],
      [
        () => edit((text) => JSON.stringify({ ...JSON.parse(text), sha256: undefined, written: undefined })),
        /partial: it was begun by a version that kept no checksum/,
      ],
    ];
    for (const [damage, said] of damages) {
      await expect(mapFile(paths, stoppingAfter(4096))).rejects.toThrow("stopped");
      damage();
      const lines: string[] = [];
      const keep = (text: string): void => void lines.push(text);
      expect((await mapFile(paths, { ...context, line: { ...quiet, keep } })).continuedFrom).toBe(0);
      const warnings = lines.filter((line) => line.startsWith("warning: "));
      expect(warnings).toEqual(said === null ? [] : [expect.stringMatching(said)]);
      expect(readFileSync(paths.out).equals(whole)).toBe(true);
      rmSync(paths.out);
      expect(readdirSync(dirname(paths.out)).filter((name) => name.includes("partial"))).toEqual([]);
    }
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

describe("an output", () => {
  it("is written by one process at a time", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 9000);
    const second: unknown[] = [];
    const show = (): void => void second.push(mapFile(paths, context).catch((error: Error) => error));
    await mapFile(paths, { ...context, line: { ...quiet, show } });
    const refusals = await Promise.all(second);
    expect(refusals.length).toBeGreaterThan(2);
    const message = new RegExp(`new\\.npy\\.partial\\.lock: process ${process.pid} on .* is at work here; wait for it`);
    for (const refused of refusals) expect((refused as Error).message).toMatch(message);
    expect(readdirSync(dirname(paths.out)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("of processes that start at once is wholly the rows of the one that succeeds", async () => {
    const folder = temporaryFolder();
    const { paths } = storedTransformation(folder, 60_000);
    const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("other"));
    writeArtifact(join(folder, "other.safetensors"), { arrays: weights, facts: {} });
    const files = [paths.weights, join(folder, "other.safetensors")];
    const wholes = [];
    for (const [index, file] of files.entries()) {
      await mapFile({ ...paths, weights: file, out: `${paths.out}.${index}.npy` }, context);
      wholes.push(readFileSync(`${paths.out}.${index}.npy`));
    }
    const ends = await Promise.all(files.map((file) => command({ ...paths, weights: file })));
    const winners = ends.flatMap(({ code }, index) => (code === 0 ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(readFileSync(paths.out).equals(wholes[winners[0] ?? 9] ?? Buffer.alloc(0))).toBe(true);
    const [refused] = ends.filter(({ code }) => code !== 0);
    expect(refused).toMatchObject({ code: 1, printed: expect.stringMatching(/error: .*(is at work here|it exists)/) });
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("that another file has taken the place of is not called finished", async () => {
    for (const replaced of ["new.npy.partial", "new.npy"]) {
      const { paths } = storedTransformation(temporaryFolder(), 9000);
      const place = join(dirname(paths.out), replaced);
      const show = (text: string): void => {
        if (!text.includes("mapped rows")) return;
        rmSync(place, { force: true });
        writeFileSync(place, "another's");
      };
      const ended = mapFile(paths, { ...context, line: { ...quiet, show } });
      await expect(ended).rejects.toThrow(
        replaced === "new.npy"
          ? /new\.npy: it has appeared meanwhile; all rows are in .*partial/
          : /is not what this run/,
      );
      expect(readFileSync(place, "utf8")).toBe("another's");
    }
  });

  it("that exists is refused before rows are read, unless it shall be replaced", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 60);
    await mapFile(paths, context);
    const whole = readFileSync(paths.out);
    writeFileSync(paths.out, "kept");
    const lines: string[] = [];
    const keep = (text: string): void => void lines.push(text);
    await expect(mapFile(paths, { ...context, line: { ...quiet, keep } })).rejects.toThrow(
      /^\/.*new\.npy: it exists; name another file, or replace it by --force$/,
    );
    expect(lines).toEqual([]);
    expect(readFileSync(paths.out, "utf8")).toBe("kept");
    await mapFile({ ...paths, force: true }, context);
    expect(readFileSync(paths.out).equals(whole)).toBe(true);
    expect(readdirSync(dirname(paths.out)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  /** Runs `fct map`; what it prints on both outputs. */
  function command({ weights, old, side = "", out }: MapChoices): Promise<{ code: number | null; printed: string }> {
    const program = resolve(import.meta.dirname, "..", "..", "..", "lib/dist/cli/fct.js");
    const words = ["map", "--weights", weights, "--old", old, "--side", side, "--out", out];
    const child = spawn(process.execPath, [program, ...words]);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
    return new Promise((done) => child.once("close", (code) => done({ code, printed })));
  }
});

describe("side-information that dimensions cannot tell", () => {
  async function noteOf(change: (paths: MapChoices) => MapChoices): Promise<readonly string[]> {
    const folder = temporaryFolder();
    const [weights, old, side] = ["h.safetensors", "old.npy", "side.npy"].map((name) => join(folder, name));
    const h = initialTransformation({ old: 3, side: 3, target: 2, inner: 4 }, random("equal"));
    writeArtifact(weights ?? "", { arrays: h, facts: {} });
    for (const path of [old, side]) writeMatrix(path ?? "", normalRows(path ?? "", 20, 3));
    const lines: string[] = [];
    const keep = (text: string): void => void lines.push(text);
    const paths = { weights: weights ?? "", old: old ?? "", side: side ?? "", out: join(folder, "new.npy") };
    await mapFile(change(paths), { ...context, line: { ...quiet, keep } });
    return lines.filter((line) => line.startsWith("note: "));
  }

  const withoutSide = ({ weights, old, out }: MapChoices): MapChoices => ({ weights, old, out });

  /** Moves the weights to where a cache has them, with a record of these inputs. */
  function cached(paths: MapChoices, inputs: readonly string[]): MapChoices {
    const weights = join(dirname(paths.weights), `transform-${"0".repeat(32)}.safetensors`);
    renameSync(paths.weights, weights);
    const environment = { node: "", tensorflow: "", platform: "", device: "", cores: 2, memoryGiB: 4, commit: null };
    const made = { date: "2026-01-01T00:00:00.000Z", seconds: 1, environment };
    writeMakingRecord(weights, { label: "h, SimCLR", ...made, artifact: "", inputs });
    return { ...paths, weights };
  }

  it("is said to be missing, or to be taken as it is named", async () => {
    expect(await noteOf(withoutSide)).toEqual([
      "note: no --side given: the old embedding takes its place, as in h trained without side-information",
    ]);
    expect(await noteOf((paths) => paths)).toEqual([
      expect.stringMatching(/old\.npy is taken as the old .*side\.npy as the side.* 3 dimensions.*swapped$/),
    ]);
  });

  it("is asked for, or said to be needless, if the record of the weights tells what h was trained with", async () => {
    await expect(noteOf((paths) => withoutSide(cached(paths, ["a", "b", "c"])))).rejects.toThrow(
      /transform-0{32}\.safetensors: this h was trained with side-information \(h, SimCLR\); name it by --side/,
    );
    expect(await noteOf((paths) => cached(paths, ["a", "a", "c"]))).toEqual([
      expect.stringMatching(/was trained without side-information/),
    ]);
  });

  it("is not spoken of if dimensions tell", async () => {
    const { paths } = storedTransformation(temporaryFolder(), 20);
    const lines: string[] = [];
    await mapFile(paths, { ...context, line: { ...quiet, keep: (text) => void lines.push(text) } });
    expect(lines.filter((line) => line.startsWith("note"))).toEqual([]);
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
    }, /h\.safetensors: .*no weights of h.*classifier/);
    await expectRefusal(({ old }) => ({ weights: old }), /old\.npy: is not a valid safetensors file/);
    await expectRefusal(
      () => ({ weights: "/nowhere/h.safetensors" }),
      /\/nowhere\/h\.safetensors: there is no such file/,
    );
  });

  it("weights whose sizes do not fit each other, are not finite, or a variance below zero", async () => {
    const sizes = { old: 5, side: 3, target: 4, inner: 6 };
    const changed = (name: string, change: (array: NamedArray) => NamedArray | null, form: object = {}) =>
      expectRefusal(
        ({ weights }) => {
          const { [name]: array, ...others } = initialTransformation({ ...sizes, ...form }, random("changed"));
          if (array === undefined) throw new Error(`${name} is not there`);
          const other = change(array);
          writeArtifact(weights, { arrays: { ...others, ...(other && { [name]: other }) }, facts: {} });
          return {};
        },
        new RegExp(`^\\/.*h\\.safetensors, array ${name}: `),
      );
    const shaped =
      (...shape: number[]) =>
      () => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
    await changed("mixer.1.linear", shaped(200, 1));
    await changed("old.0.linear", shaped(5, 1));
    await changed("side.1.norm.scale", shaped(7));
    await changed("mixer.2.linear", shaped(6, 5));
    await changed("map.linear", shaped(8, 3), { linear: true });
    await changed("mixer.0.norm.mean", () => null);
    await changed("old.1.norm.variance", ({ shape, data }) => ({
      shape,
      data: data.map((v, i) => (i === 3 ? -1 : v)),
    }));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("a weight of %s, naming file, array and place", async (value) => {
    await expectRefusal(
      ({ weights }) => {
        const arrays = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("small"));
        const bias = arrays["mixer.2.bias"] as NamedArray;
        const parts = Object.entries({ ...arrays, "mixer.2.bias": { ...bias, data: Float32Array.of(0, 0, value, 0) } });
        const declared = parts.map(([name, { shape, data }]) => {
          return { name, dtype: "F32", shape, bytes: data.byteLength };
        });
        const bytes = parts.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        writeFileSync(weights, Buffer.concat([encodeHeader(declared), ...bytes]));
        return {};
      },
      new RegExp(`^\\/.*h\\.safetensors, array mixer\\.2\\.bias: 1 of 4 values not finite, the first ${value} at 2$`),
    );
  });

  it("a row that is mapped to values that are not finite, with its number", async () => {
    const { old, paths } = storedTransformation(temporaryFolder(), 9000);
    const h = initialTransformation({ old: 5, side: 3, target: 4, inner: 6, linear: true }, random("large"));
    const linear = arrayNamed(h, "map.linear");
    const arrays = { ...h, "map.linear": { ...linear, data: new Float32Array(linear.data.length).fill(2) } };
    writeArtifact(paths.weights, { arrays, facts: {} });
    writeMatrix(paths.old, matrix(9000, 5, old.data.fill(3e38, 5 * 8500, 5 * 8501)));
    await expect(mapFile(paths, context)).rejects.toThrow(/old\.npy, row 8500: h of .*h\.safetensors maps it to /);
    expect(readdirSync(dirname(paths.out)).filter((name) => name.startsWith("new."))).toEqual([]);
  });

  it("a place where nothing can be written, and one of the inputs", async () => {
    await expectRefusal(() => ({ out: "new.csv" }), /new\.csv.*\.npy.*\.safetensors/);
    await expectRefusal(() => ({ out: "/nowhere/new.npy" }), /no folder \/nowhere/);
    await expectRefusal(() => ({ out: "/proc/new.npy" }), /^\/proc\/new\.npy/);
    await expectRefusal(({ old }) => {
      renameSync(old, join(dirname(old), "x.npy.partial"));
      return { old: join(dirname(old), "x.npy.partial"), out: join(dirname(old), "x.npy") };
    }, /x\.npy: it is an input/);
    await expectRefusal(({ old }) => ({ out: old }), /old\.npy: it is an input/);
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
    [["--weights", "h", "--old", "o", "--out", "n", "--replace"], /unknown option '--replace'/],
    [["--weights", "h", "--old", "o", "--out", "n", "more"], /too many arguments/],
  ])("a command line that is not understood: %j", async (words, said) => {
    expect(await refusal(mapCommand(), words)).toMatch(said);
  });
});
