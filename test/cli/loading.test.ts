import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";

const program = join(projectRoot(), "lib", "dist", "cli", "fct.js");

/** Runs the command in a process that says at its end which modules it has loaded, and how long it computed. */
const watched = `
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const names = Object.keys(require.cache).filter((name) => /tfjs|libtensorflow|danfojs/.test(name));
    process._rawDebug("LOADED " + JSON.stringify({ names, seconds: (user + system) / 1e6 }));
  });
  require(${JSON.stringify(program)});`;

it.each([
  [["--help"]],
  [["--version"]],
  [["data"]],
  [["tables"]],
  [["reproduce", "--help"]],
  [["reproduce", "--table", "nothing"]],
  [["reproduce", "--seeds", "0"]],
  [["plan", "--table", "nothing"]],
  [["step", "0", "--plan", "gone.json"]],
  [["cluster", "--profile", "nowhere"]],
  [["accept", "nothing"]],
  [["notebook", "--help"]],
  [["notebook", "gone"]],
  [["evaluate", "--help"]],
  [["evaluate", "--query", "x.npy"]],
  [["map", "--help"]],
  [["map", "--weights"]],
  [["bench", "--list"]],
  [["doctor", "--help"]],
])("fct %j does without TensorFlow, in less than a second or two of work", (words) => {
  const env = { ...process.env, FCT_CACHE: temporaryFolder() };
  const { stderr } = spawnSync(process.execPath, ["-e", watched, "fct", ...words], { encoding: "utf8", env });
  const [, said = "{}"] = /^LOADED (.*)$/m.exec(stderr) ?? [];
  const { names, seconds } = JSON.parse(said) as { readonly names: readonly string[]; readonly seconds: number };
  expect(names).toEqual([]);
  expect(seconds).toBeLessThan(words[0] === "tables" ? 2 : 1);
});
