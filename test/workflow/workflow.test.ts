import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planJson, planOf } from "../../lib/cluster/plan";
import { hashOf } from "../../lib/core/hash";
import { projectRoot } from "../../lib/core/paths";
import { toyTable } from "../experiments/toy-table";
import { temporaryFolder } from "../temporary-folder";

const workflow = join(projectRoot(), "workflow");
const text = (...names: readonly string[]): string => readFileSync(join(workflow, ...names), "utf8");
const choices = { scale: "tiny", seeds: 1, precision: "float32" } as const;
const plan = planOf([toyTable], choices, { program: hashOf("a program"), rate: 1e9, cores: 2, gpus: 1 });

test("every package of Snakemake's environment is pinned, among them those that the profiles name", () => {
  const lines = text("requirements.txt").trim().split("\n").slice(1);
  expect(lines.filter((line) => !/^[\w.-]+==[\w.]+$/.test(line))).toEqual([]);
  for (const name of readdirSync(join(workflow, "profiles"))) {
    const profile = text("profiles", name, "config.yaml");
    const executor = /^executor: (\w+)$/m.exec(profile)?.[1] ?? "";
    if (executor !== "local") expect(lines.join("\n")).toContain(`snakemake-executor-plugin-${executor}==`);
    const storage = /^default-storage-provider: (\w+)$/m.exec(profile)?.[1];
    if (storage !== undefined) expect(lines.join("\n")).toContain(`snakemake-storage-plugin-${storage}==`);
    expect(profile).toMatch(/^retries: [1-9]$/m);
  }
});

test("the image copies what is there and has a target for either device", () => {
  const dockerfile = text("Dockerfile");
  const copied = [...dockerfile.matchAll(/^COPY (?:--\S+ )?(.+) \S+$/gm)].flatMap(([, names = ""]) => names.split(" "));
  expect(copied.length).toBeGreaterThan(0);
  expect(copied.filter((name) => !existsSync(join(projectRoot(), name)))).toEqual([]);
  const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\w+)$/gm)].map(([, , name]) => name);
  expect(stages).toEqual(expect.arrayContaining(["cpu", "cuda"]));
});

describe("the comparison of runs", () => {
  const compare = (...words: readonly string[]): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(workflow, "compare-runs.mjs"), ...words], {
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };
  const written = (folder: string, name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test("finds an artifact that differs in a byte", () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    const file = written(temporaryFolder(), "plan.json", planJson(plan));
    for (const folder of [one, two]) for (const { artifact } of plan.steps) written(folder, artifact, "bytes");
    expect(compare(file, one, two)).toEqual({ status: 0, said: expect.stringContaining(`${plan.steps.length} art`) });
    written(two, plan.steps.at(-1)?.artifact ?? "", "bytez");
    expect(compare(file, one, two)).toEqual({ status: 1, said: expect.stringContaining("different: queries-") });
  });

  test("leaves out of results when they were made, and nothing else", () => {
    const folder = temporaryFolder();
    const result = (value: number, date: string): string =>
      JSON.stringify({ rows: [value], run: { date, pieces: [{ label: "a", key: "b", date }] } });
    const one = written(folder, "1.json", result(1, "today"));
    expect(compare("--results", one, written(folder, "2.json", result(1, "yesterday"))).status).toBe(0);
    expect(compare("--results", one, written(folder, "3.json", result(2, "today"))).status).toBe(1);
  });

  test("knows which steps had to run after a change", () => {
    const later = planOf([toyTable], { ...choices, seeds: 2 }, { program: "c", rate: 1e9, cores: 2, gpus: 0 });
    const folder = temporaryFolder();
    const plans = [written(folder, "1.json", planJson(plan)), written(folder, "2.json", planJson(later))];
    const known = new Set(plan.steps.map(({ key }) => key));
    const logs = later.steps
      .filter(({ key }) => !known.has(key))
      .map(({ artifact }) => artifact.replace(/\w+$/, "log"));
    expect(compare("--changed", ...plans, ...logs).status).toBe(0);
    expect(compare("--changed", ...plans, ...logs.slice(1)).status).toBe(1);
  });
});

const python = join(projectRoot(), ".venv-workflow", "bin", "python");
test.skipIf(!existsSync(python))("Snakemake reads the Snakefile and would run every step of a plan once", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "steps"));
  writeFileSync(join(folder, "plan.json"), planJson(plan));
  const made = plan.steps[0];
  writeFileSync(join(folder, "steps", `${made?.kind.replaceAll(" ", "_")}-${made?.key}`), "");
  const config = ["plan=plan.json", "root=/clone", "node=node", "cache=/cache", "results=/results", "data=/data"];
  const words = ["-m", "snakemake", "--snakefile", join(workflow, "Snakefile"), "--dry-run", "--cores", "2"];
  const { stdout, stderr, status } = spawnSync(python, [...words, "--config", ...config], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const count = (name: string): number => Number(new RegExp(`^${name} +(\\d+)$`, "m").exec(stdout + stderr)?.[1]);
  expect(count("total")).toBe(plan.steps.length - 1 + 2);
  expect(count("table")).toBe(1);
  expect(count("train")).toBe(plan.steps.filter(({ kind }) => kind === "train").length - 1);
});

test.skipIf(!existsSync(python))("jobs for shards run again where a setting or a file that it names is another", () => {
  const folder = temporaryFolder();
  const log = join(folder, "log");
  const node = join(folder, "node");
  writeFileSync(node, `#!/bin/sh\nshift; echo "$*" >> ${log}\n`, { mode: 0o755 });
  const names = ["weights", "query", "query_labels"];
  for (const name of names) writeFileSync(join(folder, name), "");
  const ran = (changes: Readonly<Record<string, string>> = {}): readonly string[] => {
    writeFileSync(log, "");
    const files = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    const places = { old: "old", labels: "labels", mapped: join(folder, "mapped"), work: join(folder, "work") };
    const config = { root: projectRoot(), node, shards: "2", ...places, ...files, ...changes };
    const words = ["--cores", "1", "--rerun-triggers", "mtime", "--quiet", "all"];
    const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`);
    const snakefile = join(workflow, "shards.smk");
    const { status, stderr } = spawnSync(
      python,
      ["-m", "snakemake", "--snakefile", snakefile, ...words, "--config", ...settings],
      { cwd: folder, encoding: "utf8" },
    );
    expect([status, stderr]).toEqual([0, expect.anything()]);
    const lines = readFileSync(log, "utf8").trim().split("\n");
    return lines.map((line) => /--(measure|count) /.exec(line)?.[1] ?? line.split(" ", 1)[0] ?? "");
  };
  const search = ["measure", "measure", "count", "count", "merge"];
  expect(ran()).toEqual(["map", "map", ...search]);
  expect(ran()).toEqual([""]);
  writeFileSync(join(folder, "query"), "other");
  expect(ran()).toEqual(search);
  expect(ran({ weights: join(folder, "query") })).toEqual(["map", "map", ...search]);
});
