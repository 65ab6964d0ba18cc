import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commands } from "../../../lib/cli/commands";
import { doctorCommand } from "../../../lib/cli/doctor/doctor";
import type { Patient } from "../../../lib/cli/doctor/finding";
import { findings } from "../../../lib/cli/doctor/findings";
import { sha256 } from "../../../lib/core/hash";
import { projectRoot } from "../../../lib/core/paths";
import { temporaryFolder } from "../../temporary-folder";

const binding = "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node";
const gibibyte = 2 ** 30;

let root: string;
beforeEach(() => {
  root = temporaryFolder();
  vi.stubEnv("FCT_DATA", join(root, "fetched"));
  vi.stubEnv("FCT_DATA_MIRROR", "");
  vi.stubEnv("FCT_CACHE", join(root, "cache"));
  vi.stubEnv("FCT_RESULTS", join(root, "results"));
  vi.stubEnv("CXX", "g++");
  vi.stubEnv("npm_config_user_agent", "");
  put("node_modules/@tensorflow/tfjs-node-gpu/package.json", '{ "version": "4.22.0" }');
  put("node_modules/tslab/package.json", '{ "version": "1.0.22" }');
  put(binding, "");
  put(".venv/share/jupyter/kernels/fct/kernel.json", JSON.stringify({ argv: [process.execPath, root, "{file}"] }));
  put("data/images.zip", "pixels");
  put("data/checksums.json", JSON.stringify({ "images.zip": { bytes: 6, sha256: sha256("pixels") } }));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What programs print, by the last part of their path; those not named are missing. */
type Programs = Readonly<Record<string, string | ((words: readonly string[]) => string)>>;

const link = (name: string, place: string): string => `\t${name} => ${place} (0x00007f)`;

/** Every program that a whole clone has. */
function allPrograms(): Programs {
  return {
    npm: "11.0.0",
    "g++": "g++ 12.2.0\nCopyright",
    python: ([option]) => (option === "--version" ? "Python 3.11.7" : "4.6.6\n0.11.0\n7.17.2\n0.2.1"),
    node: JSON.stringify({ tensorflow: "2.21.0", device: "a processor" }),
    ldd: ["cc", "framework"]
      .map((part) => link(`libtensorflow_${part}.so.2`, join(root, ".venv", "lib", `${part}.so`)))
      .join("\n"),
  };
}

/** What the doctor prints of the clone in `root`, of a machine with the given programs and facts. */
async function diagnosis(programs: Programs, facts: Partial<Patient> = {}): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const answer: Patient["answer"] = (command, words) => {
    const said = programs[command.split("/").at(-1) ?? ""];
    return typeof said === "function" ? said(words) : (said ?? null);
  };
  const memory = { total: 16 * gibibyte, free: 8 * gibibyte };
  const patient = { root, processor: "a processor", memory, freeDisk: 50 * gibibyte, answer, ...facts };
  await doctorCommand(() => patient).parseAsync([], { from: "user" });
  const text = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return text;
}

/** The lines marked as wrong, each with its remedy. */
function wrongs(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^! (\S+) +((?:.*\n)*?) +-> (.*)$/gm)].map(([, what = "", found = "", remedy = ""]) => [
    what,
    found.trim(),
    remedy,
  ]);
}

it("finds nothing wrong with a whole clone on a machine that has everything", async () => {
  const text = await diagnosis(allPrograms());
  expect(wrongs(text)).toEqual([]);
  expect(text.endsWith("\nall is well")).toBe(true);
  expect(process.exitCode).toBeUndefined();
  for (const [what, found] of [
    ["memory", "16.0 GiB, 8.0 GiB free"],
    ["disk", "50.0 GiB free"],
    ["npm", "11.0.0"],
    ["python", "3.11.7"],
    ["compiler", "g++ 12.2.0"],
    ["tslab", "1.0.22"],
    ["kaleido", "0.2.1"],
    ["tensorflow", "2.21.0"],
    ["device", "a processor"],
    ["data", "images.zip: 6 bytes, checksum right"],
  ]) {
    expect(text.split("\n")).toContain(`  ${what?.padEnd(13)} ${found}`);
  }
});

it("names everything that an empty clone lacks, each with a remedy, and sets exit code 1", async () => {
  rmSync(root, { recursive: true });
  mkdirSync(root);
  const text = await diagnosis({});
  const missing = [
    ["npm", "missing", "sudo apt install npm"],
    ["python", "missing", "npm run setup"],
    ["compiler", "missing", "sudo apt install g++ (needed to build the binding only)"],
    ...["tfjs-node-gpu", "tslab", "jupyterlab", "nbclient", "nbconvert", "kaleido"].map((name) => [
      name,
      "missing",
      "npm run setup",
    ]),
    ["binding", "not built", "npm run setup"],
    ["tensorflow", "does not load", "npm run setup; if that does not help: rm -r .venv && npm run setup"],
    ["kernel", "not installed", "npm run setup"],
    ["data", "checksums.json is missing", "git checkout -- data"],
  ];
  expect(wrongs(text)).toEqual(missing);
  expect(text).toContain(`${missing.length} to mend`);
  expect(process.exitCode).toBe(1);
});

describe("one thing that is wrong is the only one marked:", () => {
  it("little memory and disk", async () => {
    const facts = { memory: { total: 3 * gibibyte, free: gibibyte }, freeDisk: gibibyte };
    expect(wrongs(await diagnosis(allPrograms(), facts))).toEqual([
      ["memory", "3.0 GiB, 1.0 GiB free", "at least 4.0 GiB are needed to train"],
      ["disk", "1.0 GiB free", "free 2.0 GiB: results/cache may be deleted"],
    ]);
  });

  it.each([
    ["is not found", () => "not found"],
    ["is another clone's", () => "/elsewhere/.venv/libtensorflow_cc.so"],
  ])("a library of the binding that %s", async (_, place) => {
    const framework = link("libtensorflow_framework.so.2", join(root, ".venv", "framework.so"));
    const ldd = `\tlibtensorflow_cc.so.2 => ${place()} (0x00007f)\n${framework}`;
    const [[what, found, remedy] = []] = wrongs(await diagnosis({ ...allPrograms(), ldd }));
    expect(what).toBe("binding");
    expect(found).toContain(`libtensorflow_cc.so.2 => ${place()}`);
    expect(remedy).toBe(`rm "${join(root, binding)}" && npm run setup`);
  });

  it("a GPU that TensorFlow does not use, but not one that it uses", async () => {
    const gpu = { ...allPrograms(), "nvidia-smi": "H100, 550.54" };
    const [[what, found, remedy] = []] = wrongs(await diagnosis(gpu));
    expect([what, found]).toEqual(["device", "a processor"]);
    expect(remedy).toMatch(/the GPU \(H100, 550.54\) is not used.*npm run setup/);
    const used = JSON.stringify({ tensorflow: "2.21.0", device: "H100" });
    expect(wrongs(await diagnosis({ ...gpu, node: used }))).toEqual([]);
  });

  it("a kernel whose program has moved, and one that cannot be read", async () => {
    const path = ".venv/share/jupyter/kernels/fct/kernel.json";
    put(path, JSON.stringify({ argv: ["/gone/node", root] }));
    expect(wrongs(await diagnosis(allPrograms()))).toEqual([["kernel", "/gone/node is gone", "npm run setup"]]);
    for (const damaged of ["{", "[]", '{"argv": 1}']) {
      put(path, damaged);
      const found = `${join(root, path)} is damaged`;
      expect(wrongs(await diagnosis(allPrograms()))).toEqual([["kernel", found, "npm run setup"]]);
    }
  });

  it("committed data that were altered", async () => {
    put("data/images.zip", "pixelz");
    const [[what, found, remedy] = [], ...others] = wrongs(await diagnosis(allPrograms()));
    expect([what, remedy, others]).toEqual(["data", "git checkout -- data", []]);
    expect(found).toMatch(/images.zip: was altered/);
  });

  it.each(['{"images.zip": {"byt', "[]", "null"])("checksums that were cut to %s", async (text) => {
    put("data/checksums.json", text);
    const wanted = ["data", "checksums.json is damaged", "git checkout -- data"];
    expect(wrongs(await diagnosis(allPrograms()))).toEqual([wanted]);
  });

  it("a package whose description was cut", async () => {
    put("node_modules/tslab/package.json", '{ "vers');
    expect(wrongs(await diagnosis(allPrograms()))).toEqual([["tslab", "missing", "npm run setup"]]);
  });

  it("links that lead nowhere, as the only entry or beside class folders", async () => {
    put("fetched/imagenet-1k/val/n1/1.jpg", "");
    put("fetched/imagenet-1k/train/n1/1.jpg", "");
    symlinkSync("gone", join(root, "fetched", "imagenet-1k", "val", "n2"));
    symlinkSync("loop", join(root, "fetched", "imagenet-1k", "train", "loop"));
    const [[what, found, remedy] = [], ...others] = wrongs(await diagnosis(allPrograms()));
    expect([what, remedy, others]).toEqual(["data", "npm run fct -- data get imagenet-1k", []]);
    expect(found).toMatch(/lacks train\/loop \(a link that leads nowhere\), val\/n2 \(/);
    rmSync(join(root, "fetched", "imagenet-1k", "train", "n1"), { recursive: true });
    expect(wrongs(await diagnosis(allPrograms()))[0]?.[1]).toMatch(/lacks train\/loop/);
  });

  it("a making record and an artifact that were cut", async () => {
    put("cache/train-1.json", "{}");
    put("cache/train-1.safetensors", "weights");
    expect(wrongs(await diagnosis(allPrograms()))).toEqual([]);
    put("cache/train-2.json", '{"seco');
    put("cache/train-3.safetensors", "");
    const [[what, found, remedy] = [], ...others] = wrongs(await diagnosis(allPrograms()));
    expect([what, others]).toEqual(["cache", []]);
    expect(found).toMatch(/2 files, damaged: train-3.safetensors and 1 more/);
    expect(remedy).toBe(`rm "${join(root, "cache", "train-3.safetensors")}": it is made again`);
  });

  it("a folder in which nothing can be made, and a file in its place", async () => {
    vi.stubEnv("FCT_RESULTS", "/proc/1/results");
    put("cache", "");
    const remedy = (name: string): string => `name a folder of your own in ${name}`;
    expect(wrongs(await diagnosis(allPrograms()))).toEqual([
      ["folder", "/proc/1/results cannot be written", remedy("FCT_RESULTS")],
      ["folder", `${join(root, "cache")} is not a folder`, remedy("FCT_CACHE")],
    ]);
  });

  it("limits of the shell that are too narrow", async () => {
    expect(wrongs(await diagnosis({ ...allPrograms(), sh: "unlimited\n1024" }))).toEqual([]);
    expect(wrongs(await diagnosis({ ...allPrograms(), sh: "8000000\n64" }))).toEqual([
      ["limit", "7.6 GiB of address space", "at least 16.0 GiB are needed: ulimit -v unlimited"],
      ["limit", "64 open files", "ulimit -n 256 or more"],
    ]);
  });

  it("a dataset of which a part is there, but neither a whole nor an absent one", async () => {
    put("fetched/cifar-10/batches.meta.txt", "");
    const [[what, found, remedy] = [], ...others] = wrongs(await diagnosis(allPrograms()));
    expect([what, remedy, others]).toEqual(["data", "npm run fct -- data get cifar-10", []]);
    expect(found).toMatch(/^cifar-10: .*lacks data_batch_1.bin/);
  });
});

describe("in a bundle", () => {
  const described = { version: "0.1.0", commit: "0123", node: "v20.0.0", tensorflow: "2.21.0", build: "cuda" };
  const libraries = (folder: string): string =>
    ["cc", "framework"].map((part) => link(`libtensorflow_${part}.so.2`, join(folder, `${part}.so`))).join("\n");
  const node = JSON.stringify({ tensorflow: "2.21.0", device: "a processor" });

  beforeEach(() => {
    rmSync(join(root, ".venv"), { recursive: true });
    rmSync(join(root, "node_modules/tslab"), { recursive: true });
    put("bundle.json", JSON.stringify({ ...described, glibc: "2.28", data: [] }));
  });

  it("only what a bundle has is looked for, and the loader tells what is linked where there is no ldd", async () => {
    const text = await diagnosis({ node, "ld-linux-x86-64.so.2": libraries(join(root, "..", "tensorflow")) });
    expect(text).toMatch(/^ {2}bundle +0\.1\.0, 0123, TensorFlow's cuda build$/m);
    expect(wrongs(text)).toEqual([]);
  });

  it("a driver that is missing is told, and a GPU that is not used with what to do about it", async () => {
    const ldd = libraries(join(root, "..", "tensorflow"));
    expect(await diagnosis({ node, ldd })).toMatch(
      /^ {2}device +a processor; no NVIDIA driver answers \(nvidia-smi\)$/m,
    );
    const [[what, , remedy] = []] = wrongs(await diagnosis({ node, ldd, "nvidia-smi": "NVIDIA H100, 550.1" }));
    expect(what).toBe("device");
    expect(remedy).toMatch(/the GPU \(NVIDIA H100, 550\.1\) is not used: name the folders of CUDA's libraries/);
    put("bundle.json", JSON.stringify({ ...described, build: "cpu", glibc: "2.28", data: [] }));
    const [[, , other] = []] = wrongs(await diagnosis({ node, ldd, "nvidia-smi": "NVIDIA H100, 550.1" }));
    expect(other).toMatch(/is not used: pack with --cuda$/);
  });

  it("the remedy is to unpack it again", async () => {
    put("data/images.zip", "pixelS");
    const text = await diagnosis({ node, ldd: libraries(join(root, ".venv")) });
    expect(wrongs(text).map(([what, , remedy]) => [what, remedy])).toEqual([
      ["binding", "unpack the bundle again, into a new folder"],
      ["data", "unpack the bundle again, into a new folder"],
    ]);
  });
});

it("takes a training step if asked to, as a graph", async () => {
  const found = await findings(
    { root, processor: "", memory: { total: 2 ** 40, free: 0 }, freeDisk: 2 ** 40, answer: () => null },
    { step: true },
  );
  expect(found.at(-1)).toMatchObject({
    what: "training step",
    found: expect.stringMatching(/^loss \d\.\d{6}, in/),
    remedy: null,
  });
});

describe("without TensorFlow", () => {
  const program = join(projectRoot(), "lib", "dist", "cli", "fct.js");

  /** What `fct` prints if loading TensorFlow ends the process, as a damaged binding does. */
  function fct(...words: readonly string[]): { readonly status: number | null; readonly stdout: string } {
    put(
      "broken.cjs",
      `const Module = require("node:module");
       const resolve = Module._resolveFilename;
       Module._resolveFilename = (name, ...rest) => {
         if (name.startsWith("@tensorflow")) process.kill(process.pid, "SIGBUS");
         return resolve(name, ...rest);
       };`,
    );
    const env = { ...process.env, NODE_OPTIONS: `--require "${join(root, "broken.cjs")}"` };
    return spawnSync(process.execPath, [program, ...words], { encoding: "utf8", env });
  }

  it("the doctor runs and says that it does not load", () => {
    const { stdout, status } = fct("doctor");
    expect(stdout).toMatch(/^! tensorflow +does not load/m);
    expect(status).toBe(1);
  });

  it.each([
    [["--help"], /^ +reproduce .*\n[\s\S]*^ +doctor /m],
    [["--version"], /^\d+\.\d+\.\d+$/m],
    [["doctor", "--help"], /Usage: fct doctor/],
    [["help", "data"], /Usage: fct data/],
    [["data"], /^omniglot +present/m],
    [["tables"], /^main: /m],
  ])("fct %s", (words, said) => {
    const { stdout, status } = fct(...words);
    expect(stdout).toMatch(said);
    expect(status).toBe(0);
  });

  it("a command that computes ends", () => {
    expect(fct("reproduce", "--dry-run", "--table", "overview").status).not.toBe(0);
  });
});

it("every command has the name under which it is listed", async () => {
  for (const { name, load } of commands) expect((await load()).name()).toBe(name);
});
