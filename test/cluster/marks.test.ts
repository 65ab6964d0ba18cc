import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markMade } from "../../lib/cluster/marks";
import { type Plan, planOf } from "../../lib/cluster/plan";
import { anyFingerprint } from "../../lib/experiments/language/kinds/any-table";
import { resultJson } from "../../lib/experiments/results/result-file";
import { toyTable } from "../experiments/toy-table";
import { madeUpResult } from "../report/made-up-result";
import { temporaryFolder } from "../temporary-folder";

const choices = { scale: "tiny", seeds: 1, precision: "float32" } as const;
const machine = { program: "abc", rate: 1e9, cores: 2, gpus: 0 };
const plan = planOf([toyTable], choices, machine);

test("a file stands for every artifact that is there, and for no other", () => {
  const [folder, cache, results] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const mark = (): number => markMade(plan, [toyTable], { folder, cache, results });
  const marked = (): readonly string[] => readdirSync(join(folder, "steps"));
  expect([mark(), marked()]).toEqual([0, []]);

  const made = plan.steps.slice(0, 3);
  for (const { artifact } of made) writeFileSync(join(cache, artifact), "");
  const names = made.map(({ kind, key }) => `${kind.replaceAll(" ", "_")}-${key}`).sort();
  expect([mark(), marked().toSorted()]).toEqual([3, names]);

  // A file that is there keeps its time, on which Snakemake decides.
  const first = join(folder, "steps", names[0] ?? "");
  utimesSync(first, 1, 1);
  expect([mark(), statSync(first).mtimeMs]).toEqual([3, 1000]);
  rmSync(join(cache, made[1]?.artifact ?? ""));
  expect([mark(), marked().length]).toEqual([2, 2]);
});

test("a file stands for a table only while its result is there, sound, of the planned seeds and declaration", () => {
  const [folder, cache, results] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const file = join(results, "tiny", "toy.json");
  const mark = join(folder, "tables", "toy-abc");
  for (const parent of [join(folder, "tables"), join(results, "tiny")]) mkdirSync(parent, { recursive: true });
  const plan = planOf([toyTable], { ...choices, seeds: 3 }, machine);
  const result = { ...madeUpResult, fingerprint: anyFingerprint(toyTable, "tiny", madeUpResult.seeds) };
  const text = resultJson(result);
  const isKept = (content: string | null, from: Plan = plan): boolean => {
    writeFileSync(mark, "");
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
    markMade(from, [toyTable], { folder, cache, results });
    return existsSync(mark);
  };
  expect(isKept(text)).toBe(true);
  expect(isKept(null)).toBe(false);
  expect(isKept(text.slice(0, 100))).toBe(false);
  expect(isKept(resultJson(madeUpResult))).toBe(false);
  expect(isKept(text, planOf([toyTable], { ...choices, seeds: 2 }, machine))).toBe(false);
  // What another version of the program has assembled since is no longer this one's.
  expect(isKept(text, { ...plan, program: "def" })).toBe(false);
});
