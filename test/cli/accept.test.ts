import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acceptCommand } from "../../lib/cli/accept";
import { projectRoot } from "../../lib/core/paths";
import { byMetric } from "../../lib/experiments/results/intervals";
import { queriesFile } from "../../lib/experiments/results/query-results";
import { parseResult, resultJson } from "../../lib/experiments/results/result-file";
import { fingerprintOf } from "../../lib/experiments/table-work";
import { resultMarkdown } from "../../lib/report/markdown";
import { resultFiles } from "../../lib/report/save-result";
import { overviewTable } from "../../lib/tables/overview";
import { temporaryFolder } from "../temporary-folder";
import { refusal } from "./refusal";

const places = vi.hoisted(() => ({ committed: "" }));
vi.mock("../../lib/core/paths", async (original) => ({
  ...(await original<object>()),
  committedFolder: () => places.committed,
}));

let runs = "";
const results = join(projectRoot(), "results", "quick");
const own = resultFiles(parseResult(readFileSync(join(results, "overview.json"), "utf8"), "overview.json"));

beforeEach(() => {
  places.committed = temporaryFolder();
  runs = temporaryFolder();
  vi.stubEnv("FCT_RESULTS", runs);
  for (const folder of [places.committed, runs]) {
    mkdirSync(join(folder, "quick"));
    for (const name of own) {
      if (existsSync(join(results, name))) cpSync(join(results, name), join(folder, "quick", name));
      else writeFileSync(join(folder, "quick", name), "a figure that need not be committed");
    }
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What `fct accept` prints; `edit` first changes the run's result. */
async function accept(words: readonly string[] = ["overview"]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await acceptCommand().parseAsync([...words], { from: "user" });
  const printed = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return printed;
}

const run = (name: string): string => join(runs, "quick", name);
const committed = (name: string): string => join(places.committed, "quick", name);
const read = (path: string): string => readFileSync(path, "utf8");
const files = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(places.committed, "quick")).map((name) => [name, readFileSync(committed(name), "base64")]),
  );

/** Makes the run one of another day. */
function runAnew(): void {
  const result = parseResult(read(run("overview.json")), "overview.json");
  const anew = { ...result, run: { ...result.run, date: "2027-01-02T03:04:05.678Z" } };
  writeFileSync(run("overview.json"), resultJson(anew));
  writeFileSync(run("overview.md"), resultMarkdown(anew));
}

/** Makes the run one of the first seed alone. */
function runOne(): void {
  const { queries: _, rows, ...result } = parseResult(read(run("overview.json")), "overview.json");
  const summary = (mean: number) => ({ mean, sd: null, n: 1 });
  const one = rows.flatMap((row) =>
    row.perSeed
      .slice(0, 1)
      .map((first) => ({ ...row, perSeed: [first], metrics: byMetric((name) => summary(first[name])) })),
  );
  const fingerprint = fingerprintOf(overviewTable, "quick", [0]);
  const alone = { ...result, fingerprint, seeds: [0], rows: one, histories: [] };
  writeFileSync(run("overview.json"), resultJson(alone));
  writeFileSync(run("overview.md"), resultMarkdown(alone));
}

/** Adds to a number of the run by hand. */
function betterRun(): void {
  const result = parseResult(read(run("overview.json")), "overview.json");
  const rows = result.rows.map((row, index) => {
    const { mAP } = row.metrics;
    const perSeed = row.perSeed.map((each) => ({ ...each, mAP: each.mAP + 0.001 }));
    return index === 0
      ? { ...row, perSeed, metrics: { ...row.metrics, mAP: { ...mAP, mean: mAP.mean + 0.001 } } }
      : row;
  });
  writeFileSync(run("overview.json"), resultJson({ ...result, rows }));
  writeFileSync(run("overview.md"), resultMarkdown({ ...result, rows }));
}

/** Gives the run what its queries found. */
function keepQueries(): void {
  for (const name of ["overview.json", "overview.md", queriesFile("overview")]) cpSync(join(results, name), run(name));
}

/** Makes run and committed result ones from before single queries were kept. */
function dropQueries(): void {
  const { queries: _, ...result } = parseResult(read(run("overview.json")), "overview.json");
  for (const place of [run, committed]) {
    writeFileSync(place("overview.json"), resultJson(result));
    writeFileSync(place("overview.md"), resultMarkdown(result));
    rmSync(place(queriesFile("overview")));
  }
}

describe("accepting a run", () => {
  it("takes along what its queries found, and refuses a run without", async () => {
    const name = queriesFile("overview");
    dropQueries();
    const before = [run("overview.json"), run("overview.md")].map((path) => [path, read(path)] as const);
    keepQueries();
    expect(await accept()).toMatch(/new +.*overview-queries\.safetensors/);
    expect(readFileSync(committed(name)).equals(readFileSync(run(name)))).toBe(true);
    for (const [path, text] of before) writeFileSync(path, text);
    await expect(accept()).rejects.toThrow(/overview\.json: it has no results of its queries/);
    expect(existsSync(committed(name))).toBe(true);
  });

  it("refuses, by name, a run whose queries' results are missing or damaged, and changes nothing", async () => {
    keepQueries();
    const before = files();
    writeFileSync(run(queriesFile("overview")), "damaged");
    await expect(accept()).rejects.toThrow(/overview-queries\.safetensors.*damaged/s);
    rmSync(run(queriesFile("overview")));
    await expect(accept()).rejects.toThrow(/overview-queries\.safetensors.*missing/s);
    expect(files()).toEqual(before);
  });

  it("makes its files the committed ones, each said to be new, changed, unchanged or removed", async () => {
    runAnew();
    writeFileSync(committed("overview-curve.png"), "of an earlier declaration");
    writeFileSync(committed("overviews.json"), "of another table");
    rmSync(committed("overview-loss.png"));
    const printed = await accept();
    expect(read(committed("overview.json"))).toBe(read(run("overview.json")));
    expect(Object.keys(files()).sort()).toEqual([...own, "overviews.json"].sort());
    expect(printed).toMatch(/^Reproduced: [^.]* equal the committed ones to every digit for seeds 0,[^.]*\.$/m);
    const changes = [...printed.matchAll(/^(new|changed|unchanged|removed) +.*quick\/(.*)$/gm)];
    const changeOf = Object.fromEntries(changes.map(([, change, name = ""]) => [name, change]));
    expect(changeOf["overview.json"]).toBe("changed");
    expect(changeOf["overview-loss.png"]).toBe("new");
    expect(changeOf["overview-rows.svg"]).toBe("unchanged");
    expect(changeOf["overview-curve.png"]).toBe("removed");
    expect(printed).toContain("npm run fct -- readme and npm run fct -- notebook 00-overview --in-place");
  });

  it("that is the committed one changes nothing", async () => {
    const before = files();
    expect(await accept()).not.toContain("next:");
    expect(files()).toEqual(before);
  });

  it.each([
    ["is missing", () => rmSync(run("overview.json")), /overview\.json: there is no complete run; npm run reproduce/],
    ["lacks a figure", () => rmSync(run("overview-gap.svg")), /overview-gap\.svg: is missing; run the table again/],
    [
      "has Markdown of another run",
      () => writeFileSync(run("overview.md"), "#"),
      /overview\.md: it is not of the JSON; run/,
    ],
    ["has numbers that are not those of its queries", betterRun, /is not sound: .*: row .*; run the table again$/],
    ["is damaged", () => writeFileSync(run("overview.json"), "{"), /overview\.json: /],
    [
      "is of an earlier declaration",
      () => {
        const text = read(run("overview.json")).replace(/"fingerprint": "\w+"/, `"fingerprint": "${"0".repeat(32)}"`);
        writeFileSync(run("overview.json"), text);
      },
      /earlier declaration; npm run reproduce -- --table overview$/,
    ],
    ["has fewer seeds than the committed result", runOne, /overview\.json: has 1 of the 5 seeds .*--seeds 5 or more$/],
    [
      "has failed",
      () => writeFileSync(run("00-overview.failure.txt"), "failed in cell 9: no"),
      /00-overview\.failure\.txt: the last run failed: failed in cell 9: no/,
    ],
  ])("is refused, and nothing changes, if it %s", async (_, spoil, message) => {
    runAnew();
    spoil();
    const before = files();
    await expect(accept()).rejects.toThrow(message);
    expect(files()).toEqual(before);
    expect(readdirSync(join(places.committed, "quick")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is done of one that was computed after its notebook had failed", async () => {
    runAnew();
    writeFileSync(run("00-overview.failure.txt"), "failed in cell 9: no");
    const hourBefore = Date.now() / 1000 - 3600;
    utimesSync(run("00-overview.failure.txt"), hourBefore, hourBefore);
    expect(await accept()).toMatch(/^changed +.*overview\.json$/m);
  });

  it("of a scale that has none yet begins its folder", async () => {
    rmSync(join(places.committed, "quick"), { recursive: true });
    expect(await accept()).toContain("Not compared: there is no committed result of table overview at scale quick.");
    expect(existsSync(committed("overview.json"))).toBe(true);
  });
});

it("unknown tables and scales are refused, naming the known ones", async () => {
  expect(await refusal(acceptCommand(), ["nothing"])).toMatch(/Allowed choices are overview, main/);
  expect(await refusal(acceptCommand(), ["main", "--scale", "huge"])).toMatch(/Allowed choices are quick/);
});
