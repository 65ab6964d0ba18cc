import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mapCommand } from "../../../lib/cli/map/map";
import { mapFile } from "../../../lib/cli/map/map-file";
import { mapShards, mapsEachFile } from "../../../lib/cli/map/map-shards";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import { readMatrix } from "../../../lib/files/matrix-file";
import { initialTransformation } from "../../../lib/nn/transformation";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { storedTransformation, writeMatrix } from "../small-transformation";

const context = { line: { show: () => {}, keep: () => {} }, signal: new AbortController().signal };
const sizes = [3, 1, 5, 2, 4];

function cut(folder: string, { columns, data }: Matrix): string {
  mkdirSync(folder);
  let first = 0;
  sizes.forEach((size, i) => {
    const rows = matrix(size, columns, data.slice(first * columns, (first + size) * columns));
    writeMatrix(join(folder, `part-${i + 1}.npy`), rows);
    first += size;
  });
  return folder;
}

/** A mapping of five files, and what the same rows in one file are mapped to. */
async function fiveFiles() {
  const folder = temporaryFolder();
  const { old, side, paths } = storedTransformation(folder, 15);
  await mapFile({ ...paths, anySpace: true }, context);
  const olds = cut(join(folder, "old"), old);
  const sides = cut(join(folder, "side"), side);
  const choices = { weights: paths.weights, old: join(olds, "part-*.npy"), side: sides, out: join(folder, "mapped") };
  return { folder, choices, whole: paths.out };
}

describe("several files are mapped", () => {
  it("to one, with the bytes of one", async () => {
    const { folder, choices, whole } = await fiveFiles();
    await mapFile({ ...choices, out: join(folder, "joined.npy") }, context);
    expect(readFileSync(join(folder, "joined.npy"))).toEqual(readFileSync(whole));
  });

  it("each to one of its name, in shares, and those that are there are kept", async () => {
    const { choices, whole } = await fiveFiles();
    expect(mapsEachFile(choices)).toBe(true);
    expect(await mapShards({ ...choices, shard: { index: 2, of: 2 } }, context)).toEqual({
      files: 3,
      kept: 0,
      rows: 11,
      columns: 4,
    });
    expect(readdirSync(choices.out).filter((name) => !name.startsWith("."))).toEqual([
      "part-3.npy",
      "part-4.npy",
      "part-5.npy",
    ]);
    expect(await mapShards(choices, context)).toMatchObject({ files: 5, kept: 3, rows: 15 });
    const found = await readMatrix(choices.out);
    const expected = await readMatrix(whole);
    // Another number of rows in a product may round its last bit otherwise.
    found.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i] ?? Number.NaN, 5);
    });
    expect(await mapShards({ ...choices, force: true }, context)).toMatchObject({ kept: 0, rows: 15 });
  });

  it("unless what is there is another, or files lack their side-information", async () => {
    const { folder, choices } = await fiveFiles();
    await mapShards(choices, context);
    writeFileSync(join(choices.out, "part-1.npy"), readFileSync(join(choices.out, "part-2.npy")));
    await expect(mapShards(choices, context)).rejects.toThrow(
      /part-1\.npy: it is there and has 1 rows, .* 3; .*--force/,
    );
    await expect(mapShards({ ...choices, shard: { index: 1, of: 6 } }, context)).rejects.toThrow(
      /names 5 files, fewer than the 6 shards/,
    );
    rmSync(join(folder, "side", "part-2.npy"));
    await expect(mapShards(choices, context)).rejects.toThrow(
      /side: names 4 files, .*part-\*\.npy 5: each needs its own/,
    );
  });

  it("unless another h or other inputs made what is there", async () => {
    const { folder, choices } = await fiveFiles();
    await mapShards({ ...choices, shard: { index: 2, of: 2 } }, context);
    const weights = join(folder, "other.safetensors");
    const arrays = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("other"));
    writeArtifact(weights, { arrays, facts: {} });
    const first = { ...choices, shard: { index: 1, of: 2 } };
    await expect(mapShards({ ...first, weights }, context)).rejects.toThrow(
      /part-3\.npy: another h made it: --weights was .* and is .*; map all again by --force/,
    );
    const [changed, same] = ["part-4.npy", "part-3.npy"].map((name) => join(folder, "old", name));
    writeMatrix(changed as string, matrix(2, 5, new Float32Array(10).fill(0.5)));
    await expect(mapShards(choices, context)).rejects.toThrow(/part-4\.npy: other inputs made it: --old was .*--force/);
    expect(
      await mapShards({ ...choices, old: `${same}*`, side: join(folder, "side", "part-3.npy*") }, context),
    ).toMatchObject({ kept: 1 });
    rmSync(join(choices.out, ".part-4.npy.json"));
    await expect(mapShards(choices, context)).rejects.toThrow(/part-4\.npy: .*no record .*--force/);
    expect(await mapShards({ ...choices, force: true }, context)).toMatchObject({ kept: 0 });
    expect(await mapShards(choices, context)).toMatchObject({ kept: 5 });
  });

  it("not onto themselves, nor onto their side-information, even where all are replaced", async () => {
    const { folder, choices } = await fiveFiles();
    for (const out of ["old", "side"].map((name) => join(folder, name))) {
      const before = readdirSync(out).map((name) => readFileSync(join(out, name)));
      for (const force of [false, true]) {
        await expect(mapShards({ ...choices, out, force }, context)).rejects.toThrow(
          /part-1\.npy: it is an input; name/,
        );
      }
      expect(readdirSync(out).map((name) => readFileSync(join(out, name)))).toEqual(before);
    }
  });

  it("but one file is no share", async () => {
    const { folder, choices } = await fiveFiles();
    const words = [
      "--weights",
      choices.weights,
      "--old",
      join(folder, "old.npy"),
      "--out",
      join(folder, "x.npy"),
      "--shard",
      "1/2",
    ];
    expect(await refusal(mapCommand(), words)).toMatch(/--shard is for several files, mapped into a folder/);
  });
});
