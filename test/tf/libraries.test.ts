import { execFileSync, spawnSync } from "node:child_process";
import { realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";

const addons = join(projectRoot(), "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8");
const binding = join(addons, "tfjs_binding.node");
const quiet = join(projectRoot(), "lib/dist/tf/quiet.js");

/** The libraries that the loader finds for a file, by their names. */
function linked(file: string, folder?: string): ReadonlyMap<string, string> {
  const env = folder === undefined ? {} : { LD_LIBRARY_PATH: folder };
  const text = execFileSync("/lib64/ld-linux-x86-64.so.2", ["--list", file], { encoding: "utf8", env });
  return new Map([...text.matchAll(/^\s*(\S+) => (.+) \(0x/gm)].map(([, name = "", place = ""]) => [name, place]));
}

function ofTensorflow(libraries: ReadonlyMap<string, string>): readonly string[] {
  return [...libraries].filter(([name]) => name.startsWith("libtensorflow")).map(([, place]) => place);
}

describe("the binding", () => {
  it("is linked with TensorFlow's two libraries, both of the environment's package", () => {
    const places = ofTensorflow(linked(binding));
    expect(places.map((place) => basename(place)).sort()).toEqual([
      "libtensorflow_cc.so.2",
      "libtensorflow_framework.so.2",
    ]);
    const [folder, ...others] = new Set(places.map((place) => dirname(realpathSync(place))));
    expect(others).toEqual([]);
    expect(folder).toMatch(/site-packages\/tensorflow$/);
  });

  // A bundle's libraries lie elsewhere than where it was compiled, and may be the CUDA build while those are not.
  it("takes those of LD_LIBRARY_PATH before them", () => {
    const folder = temporaryFolder();
    for (const place of ofTensorflow(linked(binding))) symlinkSync(realpathSync(place), join(folder, basename(place)));
    expect(ofTensorflow(linked(binding, folder)).map((place) => dirname(place))).toEqual([folder, folder]);
  });

  // The CUDA build opens CUDA's libraries when it looks for GPUs, so that it loads without them and without a driver.
  it("is linked with none of CUDA's libraries, nor with the driver's", () => {
    const names = [...linked(binding).keys()];
    expect(names.length).toBeGreaterThan(4);
    expect(
      names.filter((name) => /^lib(cuda|cublas|cudnn|cufft|cusolver|cusparse|curand|nvrtc|nccl|nvidia)/.test(name)),
    ).toEqual([]);
  });

  it("finds TensorFlow loaded already: by us, before it, in one copy", () => {
    const program = `
      require(${JSON.stringify(quiet)}).loadQuietly();
      const loaded = () => new Set(require("fs").readFileSync("/proc/self/maps", "utf8").match(/\\/\\S*libtensorflow_\\S*/g));
      const before = [...loaded()];
      process.dlopen({ exports: {} }, ${JSON.stringify(binding)});
      console.log(JSON.stringify({ before, after: [...loaded()] }));`;
    const { before, after } = JSON.parse(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }));
    expect(before).toHaveLength(2);
    expect(after).toEqual(before);
  });
});

describe("memory of a GPU", () => {
  /** What TensorFlow's library, which is native, finds in its environment once it is loaded. */
  function growth(env: NodeJS.ProcessEnv): string {
    const program = `require(${JSON.stringify(quiet)}).loadQuietly(); require("child_process").spawnSync("sh", ["-c", "echo $TF_FORCE_GPU_ALLOW_GROWTH"], { stdio: "inherit" })`;
    return spawnSync(process.execPath, ["-e", program], { encoding: "utf8", env }).stdout.trim();
  }

  it("is taken as it is needed, unless the environment says otherwise", () => {
    const { TF_FORCE_GPU_ALLOW_GROWTH: _own, ...env } = process.env;
    expect(growth(env)).toBe("true");
    expect(growth({ ...env, TF_FORCE_GPU_ALLOW_GROWTH: "false" })).toBe("false");
  });
});
