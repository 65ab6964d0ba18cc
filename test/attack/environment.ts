import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Environment, environmentOf } from "../../lib/core/environment";
import { projectRoot } from "../../lib/core/paths";

/** The environment, with TensorFlow's version and device, which a process of its own is asked for. */
export function environmentHere(): Environment {
  const program = `console.log(JSON.stringify(require(${JSON.stringify(join(projectRoot(), "lib/dist/tf/device.js"))}).device()))`;
  const { stdout } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  return environmentOf(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}
