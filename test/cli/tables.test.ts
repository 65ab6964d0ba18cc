import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tablesCommand } from "../../lib/cli/tables";
import { artifactPath } from "../../lib/core/artifacts/obtain";
import { graphOf } from "../../lib/core/artifacts/step";
import { projectRoot } from "../../lib/core/paths";
import type { AnyTable } from "../../lib/experiments/language/kinds/any-table";
import { requestsOf } from "../../lib/experiments/table-work";
import { overviewTable } from "../../lib/tables/overview";
import { tables } from "../../lib/tables/tables";
import { temporaryFolder } from "../temporary-folder";
import { refusal } from "./refusal";

let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "cache"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  vi.stubEnv("FCT_RESULTS", join(folder, "runs"));
});

afterEach(() => void vi.unstubAllEnvs());

/** The lines that `fct tables` prints about some tables, one part for each. */
async function printed(listed: readonly AnyTable[]): Promise<readonly (readonly string[])[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await tablesCommand(listed).parseAsync([], { from: "user" });
  const parts = log.mock.calls.flat().join("\n").split("\n\n");
  log.mockRestore();
  return parts.map((part) => part.split("\n"));
}

/** The line of the overview table at the quick scale. */
async function overviewLine(): Promise<string> {
  const [lines = []] = await printed([overviewTable]);
  return lines.find((line) => line.startsWith("quick")) ?? "";
}

const work = graphOf(requestsOf(overviewTable, { scale: "quick", seeds: null }));

test("every table is listed with its notebook and one line for each of its scales, in 80 columns", async () => {
  const parts = await printed(tables);
  expect(parts).toHaveLength(tables.length);
  for (const [index, { id, title, notebook, scales }] of tables.entries()) {
    const lines = parts[index] ?? [];
    const header = lines.findIndex((line) => /^scale +committed result +own run +work$/.test(line));
    expect(lines.slice(0, header).join("").replace(/ +/g, " ")).toBe(`${id}: ${title} (notebooks/${notebook}.ipynb)`);
    expect(lines.slice(header + 1).map((line) => line.split(" ")[0])).toEqual(Object.keys(scales));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  }
});

test("work in the cache counts as done", async () => {
  const [first, ...others] = work.map((request) => artifactPath(join(folder, "cache"), request));
  expect(await overviewLine()).toContain(`${work.length} of ${work.length} pieces to do`);
  writeFileSync(first ?? "", "");
  expect(await overviewLine()).toContain(`${work.length - 1} of ${work.length} pieces to do`);
  for (const path of others) writeFileSync(path, "");
  expect(await overviewLine()).toContain(`${work.length} pieces cached`);
});

test("a result is told by its date and seeds, an outdated or damaged one by what it is", async () => {
  const path = join(folder, "runs", "quick", "overview.json");
  expect(await overviewLine()).toMatch(/^quick +\d{4}-\d\d-\d\d, \d+ seeds? +none /);
  cpSync(join(projectRoot(), "results", "quick", "overview.json"), path, { recursive: true });
  expect(await overviewLine()).toMatch(/^quick +(\d{4}-\d\d-\d\d, \d+ seeds?) +\1 /);
  const content = readFileSync(path, "utf8");
  writeFileSync(path, content.replace(/"fingerprint": "\w+"/, `"fingerprint": "${"0".repeat(32)}"`));
  expect(await overviewLine()).toMatch(/ outdated, \d{4}-/);
  writeFileSync(path, content.slice(0, 100));
  expect(await overviewLine()).toContain("damaged: run it again");
});

test("arguments are refused", async () => {
  expect(await refusal(tablesCommand(), ["main"])).toMatch(/too many arguments/);
});
