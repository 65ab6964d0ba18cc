import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cacheFolder, dataFolder, projectRoot, resultsFolder, runChoices } from "../../lib/core/paths";

const settings = ["CACHE", "RESULTS", "SCALE", "SEEDS", "COMPUTE", "FORCE", "TABLE", "PROGRESS"].map(
  (name) => `FCT_${name}`,
);

beforeEach(() => {
  for (const name of settings) vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("folders", () => {
  test("lie in the clone, wherever the process was started", () => {
    const root = join(__dirname, "..", "..");
    vi.spyOn(process, "cwd").mockReturnValue("/");
    expect(projectRoot()).toBe(root);
    expect(existsSync(join(dataFolder(), "checksums.json"))).toBe(true);
    expect([cacheFolder(), resultsFolder()]).toEqual([join(root, "results", "cache"), join(root, "results")]);
  });

  test("of the cache and the results may be others", () => {
    vi.stubEnv("FCT_CACHE", "/elsewhere/cache");
    vi.stubEnv("FCT_RESULTS", "/elsewhere/results");
    expect([cacheFolder(), resultsFolder()]).toEqual(["/elsewhere/cache", "/elsewhere/results"]);
  });
});

describe("the choices of a run", () => {
  const defaults = { scale: "quick", seeds: null, compute: false, force: false, table: null, progress: "notebook" };

  test("have defaults, for what is unset and for what is set to nothing", () => {
    expect(runChoices()).toEqual(defaults);
    vi.unstubAllEnvs();
    for (const name of settings) vi.stubEnv(name, undefined);
    expect(runChoices()).toEqual(defaults);
  });

  test("are read from the settings", () => {
    vi.stubEnv("FCT_SCALE", "laptop");
    vi.stubEnv("FCT_SEEDS", "3");
    vi.stubEnv("FCT_COMPUTE", "1");
    vi.stubEnv("FCT_FORCE", "1");
    vi.stubEnv("FCT_TABLE", "main");
    vi.stubEnv("FCT_PROGRESS", "log");
    const read = { scale: "laptop", seeds: 3, compute: true, force: true, table: "main", progress: "log" };
    expect(runChoices()).toEqual(read);
  });

  test.each(["0", "-1", "1.5", "1e1", "three", " 1", "01"])("refuse FCT_SEEDS=%s, repeating it", (value) => {
    vi.stubEnv("FCT_SEEDS", value);
    expect(runChoices).toThrow(`FCT_SEEDS=${value}: a whole number of at least 1 is allowed`);
  });

  test("refuse an unknown place for progress, naming the known ones", () => {
    vi.stubEnv("FCT_PROGRESS", "window");
    expect(runChoices).toThrow("FCT_PROGRESS=window: terminal, log and notebook are allowed");
  });
});
