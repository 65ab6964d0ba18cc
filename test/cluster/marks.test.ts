import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markMade } from "../../lib/cluster/marks";
import { planOf } from "../../lib/cluster/plan";
import { toyTable } from "../experiments/toy-table";
import { temporaryFolder } from "../temporary-folder";

const choices = { scale: "tiny", seeds: 1, precision: "float32" } as const;
const plan = planOf([toyTable], choices, { program: "abc", rate: 1e9, cores: 2, gpus: 0 });

test("a file stands for every artifact that is there, and for no other, and none for a table without its result", () => {
  const [folder, cache, results] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const mark = (): number => markMade(plan, { folder, cache, results });
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

  const table = join(folder, "tables", "toy-abc");
  writeFileSync(table, "");
  mkdirSync(join(results, "tiny"));
  writeFileSync(join(results, "tiny", "toy.json"), "{}");
  mark();
  expect(existsSync(table)).toBe(true);
  rmSync(join(results, "tiny", "toy.json"));
  mark();
  expect(existsSync(table)).toBe(false);
});
