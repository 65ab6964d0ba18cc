import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { planJson, planOf } from "../../../lib/cluster/plan";
import { writeAtomically } from "../../../lib/core/artifacts/store";
import { projectRoot } from "../../../lib/core/paths";
import { overviewTable } from "../../../lib/tables/overview";
import { temporaryFolder } from "../../temporary-folder";

const choices = { scale: "quick", seeds: 1, precision: "float32" } as const;
const plan = planOf([overviewTable], choices, { program: "abc", rate: 1e9, cores: 2, gpus: 0 });

/** `fct step` in a process of its own. */
function step(
  key: string,
  cache: string,
): { readonly pid: number; readonly ended: Promise<readonly [number, string]> } {
  const file = join(cache, "plan", "plan.json");
  writeAtomically(file, planJson(plan));
  const child = spawn(
    process.execPath,
    [join(projectRoot(), "lib/dist/cli/fct.js"), "step", key, "--plan", "plan.json"],
    { cwd: join(cache, "plan"), env: { ...process.env, FCT_CACHE: cache }, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise<readonly [number, string]>((done) =>
    child.once("close", (code, signal) => done([code ?? (signal === null ? -1 : -2), said])),
  );
  return { pid: child.pid ?? 0, ended };
}

test("a step that a scheduler ends is interrupted, not failed, and says so in the log beside its artifact", async () => {
  const cache = temporaryFolder();
  const training = plan.steps.find(({ inputs }) => inputs.length === 0);
  const name = (training?.artifact ?? "").replace(/\.safetensors$/, "");
  const { pid, ended } = step(training?.key ?? "", cache);
  while (!existsSync(join(cache, `${name}.lock`))) await setTimeout(20);
  process.kill(pid, "SIGTERM");
  const [code, said] = await ended;
  expect(said).toContain("interrupted: run again to continue");
  expect(code).toBe(130);
  const log = readFileSync(join(cache, `${name}.log`), "utf8");
  expect(log).toMatch(new RegExp(`step ${training?.key} begins, process ${pid} on `));
  expect(log).toMatch(/: interrupted: run again to continue where it stopped\n$/);
  expect(readdirSync(cache).filter((each) => /lock|safetensors/.test(each))).toEqual([]);
});

test("a step without its inputs has failed, and names the step that makes them", async () => {
  const last = plan.steps.at(-1);
  const [code, said] = await step(last?.key ?? "", temporaryFolder()).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/error: .*\.safetensors: is missing: .*; run step [0-9a-f]{32} first\n$/);
});
