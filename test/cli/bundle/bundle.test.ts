import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bundleCommand } from "../../../lib/cli/bundle/bundle";
import { bundleContent } from "../../../lib/cli/bundle/bundle-content";
import { type BundleDescription, bundleOf } from "../../../lib/cli/bundle/description";
import { neededGlibc } from "../../../lib/cli/bundle/glibc";
import { partsIn } from "../../../lib/cli/bundle/parts";
import { writeBundle } from "../../../lib/cli/bundle/write-bundle";
import { sha256 } from "../../../lib/core/hash";
import { InputError } from "../../../lib/core/input-error";
import { projectRoot } from "../../../lib/core/paths";
import { Interrupted } from "../../../lib/core/progress/interrupted";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";

const quiet = { show: () => {}, keep: () => {} };
const description: BundleDescription = {
  version: "0.1.0",
  commit: "0123",
  node: "v20.0.0",
  tensorflow: "2.21.0",
  build: "cpu",
  glibc: "2.17",
  data: [],
};

afterEach(() => void vi.restoreAllMocks());

describe("parts", () => {
  it("hold, one after the other, what was written in any pieces, with their checksums", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 30 }), async (chunks, size) => {
        const folder = temporaryFolder();
        const { stream, written } = partsIn(folder, size);
        await pipeline(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), stream);
        const whole = Buffer.concat(chunks);
        const names = readdirSync(folder).filter((name) => name.startsWith("part-"));
        expect(written()).toEqual({ parts: Math.ceil(whole.length / size), bytes: whole.length });
        expect(names).toHaveLength(written().parts);
        expect(Buffer.concat(names.map((name) => readFileSync(join(folder, name))))).toEqual(whole);
        const sums = names.map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`);
        expect(readFileSync(join(folder, "SHA256SUMS"), "utf8")).toBe(sums.join(""));
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it("are at most 999", async () => {
    const { stream } = partsIn(temporaryFolder(), 1);
    await expect(pipeline(Readable.from([Buffer.alloc(1000)]), stream)).rejects.toThrow(/999 parts, got 1\b/);
  });
});

/** A small bundle: its Node is a script that tells how it was called. */
async function smallBundle(build: BundleDescription["build"] = "cpu"): Promise<string> {
  const [sources, out] = [temporaryFolder(), temporaryFolder()];
  const put = (name: string, text: string): { path: string; source: string } => {
    const source = join(sources, name.replaceAll("/", "-"));
    writeFileSync(source, text);
    return { path: name, source };
  };
  const node = put("bin/node", '#!/bin/sh\necho "node $*"\n');
  chmodSync(node.source, 0o755);
  // Incompressible, so that there are several parts.
  const noise = put("project/data/noise", Array.from({ length: 400 }, (_, i) => sha256(`${i}`)).join(""));
  await writeBundle([node, noise], { ...description, build }, { out, partSize: 4096 }, quiet);
  return out;
}

it("that is interrupted leaves its folder empty, as it was found", async () => {
  const [sources, out] = [temporaryFolder(), temporaryFolder()];
  const source = join(sources, "large");
  writeFileSync(source, randomBytes(2 ** 25));
  const others = process.listeners("SIGINT");
  const interrupted = { ...quiet, show: () => void process.emit("SIGINT") };
  const made = writeBundle([{ path: "large", source }], description, { out, partSize: 2 ** 20 }, interrupted);
  await expect(made).rejects.toThrow(Interrupted);
  expect(readdirSync(out)).toEqual([]);
  expect(process.listeners("SIGINT")).toEqual(others);
});

/** Runs unpack.sh, with programs of another machine before this one's. */
function unpacked(
  bundle: string,
  words: readonly string[],
  programs: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly said: string } {
  const bin = temporaryFolder();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync("sh", [join(bundle, "unpack.sh"), ...words], { encoding: "utf8", env });
  return { status, said: stdout + stderr };
}

describe("a bundle", () => {
  it("is unpacked to the same bytes, and runs its own Node", async () => {
    const bundle = await smallBundle();
    const folder = join(temporaryFolder(), "a folder");
    const { status, said } = unpacked(bundle, [folder]);
    expect(said).toMatch(/unpacking .*\nnode .*fct\.js doctor --step\nready: .*fct --help\n$/s);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, "project/data/noise"), "utf8").slice(0, 64)).toBe(sha256("0"));
    expect(bundleOf(join(folder, "project"))).toEqual(description);
    expect(bundleOf(projectRoot())).toBeNull();
    const called = spawnSync(join(folder, "bin/fct"), ["data", "two words"], { encoding: "utf8", env: {} }).stdout;
    expect(called).toBe(`node ${folder}/project/lib/dist/cli/fct.js data two words\n`);
  });

  it("has the same bytes whenever it is made", async () => {
    const bytes = (folder: string): readonly string[] =>
      readdirSync(folder).map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`);
    const [one, other] = [await smallBundle(), await smallBundle()];
    expect(bytes(one).length).toBeGreaterThan(4);
    expect(bytes(other)).toEqual(bytes(one));
  });

  it("is refused, by part, if a byte has changed or a part is missing", async () => {
    const bundle = await smallBundle();
    const path = join(bundle, "part-002");
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const folder = join(temporaryFolder(), "new");
    expect(unpacked(bundle, [folder])).toMatchObject({
      status: 1,
      said: expect.stringMatching(/damaged .*: part-002; copy/),
    });
    rmSync(path);
    rmSync(join(bundle, "part-003"));
    expect(unpacked(bundle, [folder]).said).toMatch(/missing in .*: part-002 part-003; copy them again/);
    rmSync(join(bundle, "SHA256SUMS"));
    expect(unpacked(bundle, [folder]).said).toMatch(/SHA256SUMS is missing/);
    expect(() => statSync(folder)).toThrow(/ENOENT/);
  });

  it.each([
    [
      { uname: "case $1 in -s) echo Linux ;; *) echo aarch64 ;; esac" },
      /this machine is Linux aarch64: .* Linux x86_64/,
    ],
    [{ getconf: "echo glibc 2.12" }, /glibc is 2\.12: 2\.17 or later is needed/],
    [
      { df: 'printf "Filesystem\\n/dev/x 100 99 1 99%% /\\n"' },
      /has 0 MiB free, 1 are needed: name a folder on another disk/,
    ],
  ])("is refused where it cannot run: %j", async (programs, says) => {
    const { status, said } = unpacked(await smallBundle(), [join(temporaryFolder(), "new")], programs);
    expect(said).toMatch(says);
    expect(status).toBe(1);
  });

  it("is not unpacked over something else", async () => {
    const bundle = await smallBundle();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mine"), "");
    expect(unpacked(bundle, [folder]).said).toMatch(/is not empty: name an empty or a new folder/);
    expect(unpacked(bundle, [join(folder, "it's")]).said).toMatch(/a name without : ' " \$ and ` is needed/);
    expect(unpacked(bundle, [])).toMatchObject({
      status: 2,
      said: expect.stringMatching(/^usage: sh unpack\.sh FOLDER/),
    });
  });

  it("takes CUDA 12's libraries, or CUDA 13's if its cuBLAS has the functions", async () => {
    const bundle = await smallBundle("cuda");
    const cuda = temporaryFolder();
    const script = readFileSync(join(bundle, "unpack.sh"), "utf8");
    const functions = [...script.matchAll(/\bcublas(?:Lt)?[A-Z]\w*/g)].map(([name]) => name);
    expect(functions.length).toBeGreaterThan(20);
    const put = (name: string, text: string): void => writeFileSync(join(cuda, name), text);
    put("libcublas.so.13", functions.join("\0"));
    put("libcublasLt.so.13", functions.filter((name) => name !== "cublasLtMatmul").join("\0"));
    put("libcudnn.so.9", "");
    put("libnvrtc.so.13", "");
    mkdirSync(join(cuda, "twelve"));
    writeFileSync(join(cuda, "twelve", "libnvrtc.so.12"), "");
    const folder = join(temporaryFolder(), "new");
    const { said } = unpacked(bundle, [folder, cuda]);
    const links = readdirSync(join(folder, "cuda"));
    expect(links).toEqual(expect.arrayContaining(["libcublas.so.12", "libcudnn.so.9", "libnvrtc.so.12"]));
    expect(links).not.toContain("libcublasLt.so.12");
    expect(said).toMatch(/libcublasLt\.so\.13 has no cublasLtMatmul(?!\w).*CUDA 12 is needed/);
    expect(said).toMatch(/libcublas\.so\.12: .*libcublas\.so\.13\n/);
    expect(said).toMatch(/libnvrtc\.so\.12: .*twelve\/libnvrtc\.so\.12\n/);
    const environment = readFileSync(join(folder, "env.sh"), "utf8");
    expect(environment).toMatch(`${folder}/tensorflow:${folder}/cuda:${cuda}:${join(cuda, "twelve")}'`);
  });
});

describe("the content of a bundle", () => {
  const files = bundleContent({ data: [], cache: false });
  const paths = files.map(({ path }) => path);

  it("has every file once, and nothing of notebooks and tests", () => {
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining(["bin/node", "project/lib/dist/cli/fct.js", "project/data/checksums.json"]),
    );
    const others =
      /node_modules\/(tslab|danfojs-node|vitest|typescript|@biomejs|zeromq)\/|\.d\.ts$|\.map$|results\/(run|cache)/;
    expect(paths.filter((path) => others.test(path))).toEqual([]);
  });

  it("has what each of its packages begins with", () => {
    const packages = [
      ...new Set(paths.flatMap((path) => /^project\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])),
    ];
    expect(packages).toEqual(expect.arrayContaining(["node_modules/sharp", "node_modules/@tensorflow/tfjs-node-gpu"]));
    const known = new Set(files.map(({ source }) => source));
    const missing = packages.filter((folder) => {
      const place = join(projectRoot(), folder);
      const { main = "index.js" } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as { main?: string };
      const begins = [main, `${main}.js`, `${main}/index.js`].map((name) => join(place, name));
      const there = begins.filter((path) => existsSync(path) && statSync(path).isFile());
      return there.some((path) => !known.has(path));
    });
    expect(missing).toEqual([]);
  });

  it("has of the cache what is finished, artifacts and their records alone", () => {
    const cache = temporaryFolder();
    vi.stubEnv("FCT_CACHE", cache);
    const key = "0123456789abcdef0123456789abcdef";
    const finished = [`seen and unseen-${key}.json`, `train-${key}.json`, `train-${key}.safetensors`];
    const others = [`train-${key}.partial`, `train-${key}.lock`, `train-${key}.json.7.ab.tmp`, `train-${key}.log`];
    for (const folder of ["tensorflow-2.21.0-cuda", "workflow"]) {
      mkdirSync(join(cache, folder));
      others.push(`${folder}/train-${key}.safetensors`);
    }
    for (const name of [...finished, ...others]) writeFileSync(join(cache, name), "");
    const paths = bundleContent({ data: [], cache: true }).map(({ path }) => path);
    const kept = paths.flatMap((path) => path.split("project/results/cache/").slice(1));
    expect(kept).toEqual(finished);
    vi.unstubAllEnvs();
  });

  it("names a dataset that is not there", () => {
    vi.stubEnv("FCT_DATA", temporaryFolder());
    expect(() => bundleContent({ data: ["cifar-100"], cache: false })).toThrow(
      /cifar-100: is not here .*data get cifar-100/,
    );
    expect(() => bundleContent({ data: ["cifar"], cache: false })).toThrow(/cifar: is no dataset: .*cifar-100/);
    vi.unstubAllEnvs();
  });
});

it("tells the C library that is needed by the newest of its symbols", async () => {
  const source = join(temporaryFolder(), "library.so");
  writeFileSync(source, `\0GLIBC_2.4\0${"x".repeat(100)}\0GLIBC_2.31\0GLIBC_2.9\0GLIBC_PRIVATE\0`);
  expect(await neededGlibc([{ path: "tensorflow/library.so", source }])).toBe("2.31");
  expect(await neededGlibc([{ path: "project/data/library.txt", source }])).toBe("2.0");
});

describe("fct bundle", () => {
  it("refuses a folder with content before anything is packed", async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, "mine"), "");
    await expect(bundleCommand().parseAsync(["--out", out], { from: "user" })).rejects.toThrow(InputError);
    await expect(bundleCommand().parseAsync(["--out", out], { from: "user" })).rejects.toThrow(
      /is not empty \(mine\); name/,
    );
    expect(readdirSync(out)).toEqual(["mine"]);
  });

  it.each(["64", "0MiB", "1.5GiB", "64 MB"])("refuses parts of %s", async (size) => {
    const text = await refusal(bundleCommand(), ["--out", "x", "--part-size", size]);
    expect(text).toMatch(/KiB, MiB or GiB is allowed, such as 64MiB/);
  });
});
