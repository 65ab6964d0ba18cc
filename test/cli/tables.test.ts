import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tablesCommand } from "../../lib/cli/tables";
import { artifactPath } from "../../lib/core/artifacts/obtain";
import { graphOf } from "../../lib/core/artifacts/step";
import { projectRoot } from "../../lib/core/paths";
import { requestsOf } from "../../lib/experiments/table-work";
import { overviewTable } from "../../lib/tables/overview";
import { tables } from "../../lib/tables/tables";
import { refusal } from "./refusal";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fct-tables-"));
  mkdirSync(join(folder, "cache"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  vi.stubEnv("FCT_RESULTS", join(folder, "results"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The lines that `fct tables` prints about a table, its heading first. */
async function linesOf(id: string): Promise<readonly string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await tablesCommand().parseAsync([], { from: "user" });
  const printed = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return (
    printed
      .split("\n\n")
      .find((part) => part.startsWith(`${id}: `))
      ?.split("\n") ?? []
  );
}

const work = graphOf(requestsOf(overviewTable, { scale: "quick", seeds: null }));

test("every table is listed with its notebook and one line for each of its scales", async () => {
  for (const { id, title, notebook, scales } of tables) {
    const [heading, ...states] = await linesOf(id);
    expect(heading).toBe(`${id}: ${title}  (notebooks/${notebook}.ipynb)`);
    expect(states.map((line) => line.trim().split(" ")[0])).toEqual(Object.keys(scales));
  }
  expect((await linesOf("overview"))[1]).toMatch(
    new RegExp(`^ {2}quick +no result +${work.length} of ${work.length} pieces of work to do$`),
  );
});

test("work in the cache counts as done", async () => {
  const [first, ...others] = work.map((request) => artifactPath(join(folder, "cache"), request));
  writeFileSync(first ?? "", "");
  expect((await linesOf("overview"))[1]).toContain(`${work.length - 1} of ${work.length} pieces of work to do`);
  for (const path of others) writeFileSync(path, "");
  expect((await linesOf("overview"))[1]).toContain(`all ${work.length} pieces of work cached`);
});

test("a result is told by its date and seeds, an outdated or damaged one by what it is", async () => {
  const path = join(folder, "results", "quick", "overview.json");
  cpSync(join(projectRoot(), "results", "quick", "overview.json"), path, { recursive: true });
  expect((await linesOf("overview"))[1]).toMatch(/^ {2}quick +result of \d{4}-\d\d-\d\d, \d+ seeds? /);
  const content = readFileSync(path, "utf8");
  writeFileSync(path, content.replace(/"fingerprint": "\w+"/, `"fingerprint": "${"0".repeat(32)}"`));
  expect((await linesOf("overview"))[1]).toMatch(/ result of an earlier declaration of \d{4}-/);
  writeFileSync(path, content.slice(0, 100));
  expect((await linesOf("overview"))[1]).toContain("result file damaged: run the table again");
});

test("arguments are refused", async () => {
  expect(await refusal(tablesCommand(), ["main"])).toMatch(/too many arguments/);
});
