import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const module = resolve(import.meta.dirname, "../../lib/dist/tf/tensorflow.js");

/** What loading TensorFlow and one product write to standard error, at TensorFlow's log level. */
function standardError(level: string, loaded = `const { tf } = require(${JSON.stringify(module)})`): string {
  const program = `${loaded}; console.log(tf.scalar(2).mul(3).dataSync()[0]);`;
  const { TF_CPP_MIN_LOG_LEVEL: _own, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
    cwd: resolve(import.meta.dirname, "../.."),
    encoding: "utf8",
    env: level === "" ? env : { ...env, TF_CPP_MIN_LOG_LEVEL: level },
  });
  expect(stdout).toBe("6\n");
  return stderr;
}

describe("TensorFlow", () => {
  it("writes nothing to standard error", () => {
    expect(standardError("")).toBe("");
  });

  it("writes nothing either when danfojs loads it", () => {
    expect(standardError("", 'const { tensorflow: tf } = require("danfojs-node")')).toBe("");
  });

  it("says everything if asked to, also what it says while it is loaded", () => {
    expect(standardError("0")).toMatch(/absl::InitializeLog.*\n(.*\n)*.*cpu_feature_guard/);
  });
});
